"""What each move changes, as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.rollouts.domain.decide import Decision
from companyos.adoption.rollouts.domain.moves import NOBODY, Asked, Change, Row, changed_by
from companyos.adoption.rollouts.domain.plan import Plan, Reach
from companyos.adoption.rollouts.domain.types import Move, StageState, Status
from companyos.kernel.business_time import WorkingCalendar

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)  # a Monday
CALENDAR = WorkingCalendar(UTC, (time(9), time(17)), frozenset[date]())
PLAN = Plan.from_document(
    {
        "plan": "p",
        "title": "P",
        "feature": "f",
        "lead": "ana",
        "stages": [
            {"slug": slug, "title": slug, "week": week, "working_days": 5, "cohort": []}
            for week, slug in enumerate(("prep", "pilot", "expand", "everybody"))
        ],
    }
)
PILOT = Row(Status.ACTIVE, "pilot", 1, NOW, NOW, NOW + timedelta(days=4))


def after(move: Move, row: Row = PILOT, plan: Plan = PLAN, **attempts: int) -> Change:
    decision = Decision(move, "because", "a_rule")
    return changed_by(Asked(decision, row, plan, "ana", attempts, CALENDAR, NOW))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (after(Move.START, Row()), {"begins": True, "on": 0, "feature": FeatureState.INTAKE, "leaves": None}),
        (after(Move.ADVANCE), {"begins": True, "on": 2, "leaves": StageState.PASSED}),
        (after(Move.ADVANCE, replace(PILOT, stage="prep")), {"feature": FeatureState.ENTRY_PASSED, "on": 1}),
        (after(Move.ADVANCE, replace(PILOT, stage="expand")), {"feature": FeatureState.INTERNAL_GA}),
        (after(Move.PAUSE), {"begins": False, "on": None, "leaves": None, "feature": None}),
        (after(Move.RESUME, replace(PILOT, status=Status.PAUSED)), {"begins": False, "on": None}),
        (after(Move.RESUME, replace(PILOT, status=Status.ROLLED_BACK)), {"begins": True, "on": 1}),
        (after(Move.ROLL_BACK), {"on": 0, "leaves": StageState.ROLLED_BACK, "lets_go": False}),
        (after(Move.ROLL_BACK, replace(PILOT, stage="prep")), {"on": NOBODY}),
        (after(Move.ROLL_BACK, PILOT, replace(PLAN, rolls_back=Reach.EVERYTHING)), {"on": NOBODY}),
        (after(Move.KILL), {"on": NOBODY, "leaves": StageState.ROLLED_BACK, "lets_go": True}),
        (after(Move.KILL, replace(PILOT, status=Status.ROLLED_BACK)), {"on": NOBODY, "leaves": None}),
        (after(Move.COMPLETE), {"on": None, "leaves": StageState.PASSED, "lets_go": True}),
    ],
)
def test_what_a_move_does(change: Change, expected: dict[str, Any]) -> None:
    assert {name: getattr(change, name) for name in expected} == expected


def test_a_stage_begins_with_its_next_attempt_and_its_own_time() -> None:
    row = after(Move.RESUME, replace(PILOT, status=Status.ROLLED_BACK), pilot=1).row
    assert (row.status, row.stage, row.attempt, row.entered_at) == (Status.ACTIVE, "pilot", 2, NOW)
    assert row.due_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (NOW + timedelta(hours=1), NOW + timedelta(hours=1)),  # it has time left
        (NOW - timedelta(hours=1), datetime(2026, 11, 18, 9, tzinfo=UTC)),  # two working days more
    ],
)
def test_resuming_gives_more_time_only_when_the_time_is_over(due: datetime, expected: datetime) -> None:
    assert after(Move.RESUME, replace(PILOT, status=Status.PAUSED, due_at=due)).row.due_at == expected


def test_a_stop_says_why_and_a_pause_says_who() -> None:
    assert after(Move.PAUSE).row.paused_by == "ana"
    assert after(Move.ROLL_BACK).row.stopped_because == "taken back: because"
    assert after(Move.KILL, replace(PILOT, paused_by="li")).row.paused_by == ""
