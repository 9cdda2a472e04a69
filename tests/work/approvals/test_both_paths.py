"""R118, R136: what the plain router and the unified chain answer about one request, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from companyos.adoption.rollouts.rehearsal.workforce import load_workforce
from companyos.cli.both_paths import paths_of
from companyos.surfaces.program.load import load_program
from companyos.work.approvals.domain.both_paths import BothPaths
from companyos_sdk.shadow import compare

PROGRAM = Path(__file__).parents[3] / "program"
MEANT, PLANTED = ["/asked/budget-owner added"], ["/asked/manager missing", "/last changed"]


@pytest.fixture(scope="module")
def sides() -> tuple[BothPaths, BothPaths]:
    program, workforce = load_program(PROGRAM), load_workforce(PROGRAM / "workforce.yaml")
    paths = paths_of(program, workforce.mismatch)
    assert paths is not None
    assert isinstance(paths.sound, BothPaths)
    assert isinstance(paths.faulty, BothPaths)
    return paths.sound, paths.faulty


def request(amount: float, who: str = "elif-aksoy") -> dict[str, Any]:
    fields = {"purpose": "Train", "amount": amount, "spent_on": "2026-11-16"}
    return {
        "requester": who,
        "tenant": "engineering-quality",
        "fields": fields,
        "at": "2026-11-16T10:00:00+00:00",
    }


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [f"{each.place} {each.kind}" for each in compare(old, new)]


@pytest.mark.parametrize(
    ("amount", "meant", "planted"),
    [(10, [], PLANTED), (25, [], []), (60, [], []), (249, [], []), (250, MEANT, MEANT), (4000, MEANT, MEANT)],
)
def test_where_the_paths_differ(
    sides: tuple[BothPaths, BothPaths], amount: float, meant: list[str], planted: list[str]
) -> None:
    sound, faulty = sides
    old = sound.existing(request(amount))
    assert differences(old, sound.unified(request(amount))) == meant
    assert differences(old, faulty.unified(request(amount))) == planted


def test_an_answer_says_who_is_asked_as_what_and_what_then(sides: tuple[BothPaths, BothPaths]) -> None:
    answer = sides[0].unified(request(300))
    assert list(answer["asked"]) == ["role:administration", "budget-owner", "manager"]
    assert answer["asked"]["manager"] == ["maelle-girard"]
    assert (answer["last"], answer["ends"], answer["carried_out_by"]) == (
        "manager",
        "approved",
        "role:administration",
    )
    assert all("elif-aksoy" not in asked for asked in answer["asked"].values())


def test_a_step_that_the_chain_does_not_have_is_named(sides: tuple[BothPaths, BothPaths]) -> None:
    with pytest.raises(KeyError, match="has no step 'moon'"):
        sides[0].with_step("moon", from_amount=1)
