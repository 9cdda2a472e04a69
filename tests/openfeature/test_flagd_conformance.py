"""flagd's own scenarios for evaluators, for both bucketing schemes.

The scenarios are not part of this repository: https://github.com/open-feature/flagd-testbed, folder
`evaluator`, kept beside the checkout in `shared/conformance/flagd-testbed`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from feature_files import Scenario, scenarios_in
from flagd_steps import play

from companyos_sdk.evaluator import FlagSet, Hashing

TESTBED = Path(__file__).parents[2].parent / "shared" / "conformance" / "flagd-testbed"

if not TESTBED.is_dir():
    pytest.skip("flagd's scenarios are not beside this checkout", allow_module_level=True)

SCENARIOS = [
    scenario
    for path in sorted((TESTBED / "gherkin").glob("*.feature"))
    for scenario in scenarios_in(path)
    if "@fractional-v1" not in scenario.tags
]

# "(hash * total) >> 32" decides in both schemes, but the values in these tables are of one kind of hash.
OTHER_HASH = {Hashing.V2: "@fractional-v3", Hashing.V3: "@fractional-v2"}


def _applies(scenario: Scenario, hashing: Hashing) -> bool:
    return OTHER_HASH[hashing] not in scenario.tags


CASES = [
    pytest.param(scenario, hashing, id=f"{hashing}-{scenario.feature}-{scenario.name}")
    for hashing in Hashing
    for scenario in SCENARIOS
    if _applies(scenario, hashing)
]


@pytest.fixture(scope="module")
def flag_sets() -> dict[Hashing, FlagSet]:
    document = json.loads((TESTBED / "flags" / "testkit-flags.json").read_text(encoding="utf-8"))
    return {hashing: FlagSet.load(document, hashing=hashing) for hashing in Hashing}


@pytest.mark.parametrize(("scenario", "hashing"), CASES)
def test_flagd_scenario(scenario: Scenario, hashing: Hashing, flag_sets: dict[Hashing, FlagSet]) -> None:
    play(scenario, flag_sets[hashing])


def test_all_scenarios_are_read() -> None:
    counts = {hashing: sum(_applies(scenario, hashing) for scenario in SCENARIOS) for hashing in Hashing}

    assert counts == {Hashing.V2: 125, Hashing.V3: 104}
