"""The benches' simulated companies, small: seeds repeat, the kernel's rules are the ones that judge."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_ASKED = """
import json
from bench._randomised import DRAWS, found_at
from bench._teams import Setting, acted_in, simulated
from bench.forecast import SETTINGS, _scored
broken = [simulated(Setting("typical", 30, 0.01, 0.49), run, False) for run in range(8)]
print(json.dumps({
    "repeats": broken[3] == simulated(Setting("typical", 30, 0.01, 0.49), 3, False),
    "other runs": broken[3] != broken[4],
    "broken": acted_in(broken, "did_split"),
    "merged": acted_in(broken, "five copies merged"),
    "rules": sorted({rule for stage in broken for rule in stage.acted}),
    "regressions": [len(found_at(draw, 0, False)) for draw in DRAWS[4:6]],
    "forecast repeats": _scored(SETTINGS[1], 0) == _scored(SETTINGS[1], 0),
}))
"""


def test_a_seed_is_a_company_and_breakage_is_found_in_all() -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", _ASKED], cwd=root, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told["repeats"]
    assert told["other runs"]
    assert told["forecast repeats"]
    assert told["broken"] == told["merged"] == 1
    assert told["regressions"] == [1, 1]
    assert {"did_split", "two days", "experiment", "naive z", "threshold"} <= set(told["rules"])
