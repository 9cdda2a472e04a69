"""R118, R136: the rehearsed software compares both paths; equal seeds send equal pairs, at the moment of the case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from companyos.adoption.rollouts.rehearsal.arrivals import Arrival
from companyos.adoption.rollouts.rehearsal.beside import Beside, Paths
from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.courses import Course, Step
from companyos.adoption.rollouts.rehearsal.dice import Dice
from companyos.adoption.rollouts.rehearsal.events import Event, milliseconds
from companyos.adoption.rollouts.rehearsal.rollout import Rollout
from companyos.adoption.rollouts.rehearsal.workforce import Workforce, load_workforce
from companyos.cli.both_paths import paths_of
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[4] / "program"
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
COURSE = Course((Step("Declaration SUBMITTED by EMPLOYEE", "EMPLOYEE"),), (0.0,))
WHO = Person("elif-aksoy", "approvals-squad", "engineering", "employee", "engineering-quality")
PILOT = Rollout(version=3, status="active", stage="pilot", in_shadow=True)


@pytest.fixture(scope="module")
def declared() -> tuple[Workforce, Paths]:
    workforce = load_workforce(PROGRAM / "workforce.yaml")
    paths = paths_of(load_program(PROGRAM), workforce.mismatch)
    assert paths is not None
    return workforce, paths


def told(beside: Beside, first: int, beyond: int) -> list[Event]:
    for n in range(first, beyond):
        beside.compare(Arrival(milliseconds(NOW) + n * 1000, f"case-{n:03d}", COURSE, False), WHO, "shadow")
    return beside.events()


def test_equal_seeds_send_equal_pairs(declared: tuple[Workforce, Paths]) -> None:
    workforce, paths = declared
    runs = []
    for seed in (1, 1, 2):
        beside = Beside(paths, workforce, Dice(seed))
        beside.sees(PILOT, NOW)
        runs.append(told(beside, 0, 40))
    assert runs[0] == runs[1] != runs[2]
    assert len({event.id for event in runs[0]}) == 40
    one = runs[0][7]
    assert (one.event, one.case, one.kind, one.actor, one.tenant) == (
        "shadow_compared", "case-007", "submit_employee", "elif-aksoy", "engineering-quality",
    )  # fmt: skip
    assert milliseconds(one.time) == milliseconds(NOW) + 7000
    assert one.props["feature_flag.result.variant"] == "shadow"
    assert not any("elif" in str(event.props) for event in runs[0])


def test_the_planted_difference_is_there_in_its_stage_until_it_is_mended(
    declared: tuple[Workforce, Paths],
) -> None:
    workforce, paths = declared

    def places(events: list[Event]) -> set[str]:
        return {place for event in events for place in event.props.get("shadow.places", ())}

    beside = Beside(paths, workforce, Dice(1), planted_at="pilot")
    beside.sees(replace_stage("prep"), NOW)
    assert places(told(beside, 0, 60)) == {"/asked/budget-owner added"}
    beside.sees(PILOT, NOW)
    assert beside.is_faulty
    assert "/asked/manager missing" in places(told(beside, 0, 60))
    beside.mend(NOW)
    assert places(told(beside, 0, 60)) == {"/asked/budget-owner added"}
    assert (beside.as_used() or {})["mended_at"] == NOW.isoformat()
    assert beside.compared == 180


def replace_stage(stage: str) -> Rollout:
    return Rollout(version=2, status="active", stage=stage)


def test_without_a_planted_difference_there_is_none_to_report(declared: tuple[Workforce, Paths]) -> None:
    workforce, paths = declared
    beside = Beside(replace(paths), workforce, Dice(1))
    beside.sees(PILOT, NOW)
    beside.mend(NOW)
    assert (beside.is_faulty, beside.as_used()) == (False, None)
