"""Slips re-plan later stages (R150); what a stage's entry sets going; the plan's own calendar counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from companyos.adoption.rollouts.domain.entry import entries_of
from companyos.adoption.rollouts.domain.moves import Row
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.schedule import Planned, Window, schedule
from companyos.adoption.rollouts.domain.types import Status
from companyos.kernel.business_time import WorkingCalendar

MONDAY = datetime(2026, 11, 9, 9, tzinfo=UTC)
CALENDAR = WorkingCalendar(ZoneInfo("UTC"), (time(9), time(17)), frozenset({date(2026, 11, 23)}))


def plan(actions: tuple[str, ...] = ()) -> Plan:
    stages = [
        {
            "slug": slug,
            "title": slug.upper(),
            "week": week,
            "working_days": 5,
            "cohort": [],
            "actions": actions,
        }
        for week, slug in enumerate("abc")
    ]
    return Plan.from_document({"plan": "p", "title": "P", "feature": "f", "lead": "ana", "stages": stages})


def dates(now: datetime, *, stage: str = "a", freezes: tuple[Window, ...] = ()) -> tuple[Planned, ...]:
    entered = {"a": MONDAY} | ({"b": MONDAY + timedelta(days=7)} if stage != "a" else {})
    due = CALENDAR.add_working_days(entered[stage], 5)
    row = Row(Status.ACTIVE, stage, 1, MONDAY, entered[stage], due)
    return schedule(plan(), row, entered=entered, calendar=CALENDAR, freezes=freezes, now=now)


def test_on_time_nothing_is_said_but_a_holiday_moves_the_third_week_for_all() -> None:
    found = dates(MONDAY)
    assert [each.late for each in found] == [0, 0, 0]
    assert [each.planned.date() for each in found] == [
        date(2026, 11, 9),
        date(2026, 11, 16),
        date(2026, 11, 24),  # the Monday is a holiday
    ]


def test_a_stage_that_goes_on_moves_those_after_it_and_says_so() -> None:
    found = dates(MONDAY + timedelta(days=9))  # Wednesday of the week in which B was to begin
    assert [each.late for each in found] == [0, 2, 2]
    assert found[1].says == "2 working days later than planned (16 Nov)"


def test_no_stage_is_expected_to_begin_in_a_freeze() -> None:
    freeze = Window(datetime(2026, 11, 14, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC))
    found = dates(MONDAY, freezes=(freeze,))
    assert found[1].expected.date() == date(2026, 11, 18)
    assert found[2].late > 0


@pytest.mark.parametrize("status", [Status.PLANNED, Status.COMPLETED, Status.KILLED])
def test_what_has_not_begun_or_is_over_has_no_dates_to_come(status: Status) -> None:
    row = Row(status, "a", 1, MONDAY, MONDAY, MONDAY)
    assert schedule(plan(), row, entered={}, calendar=CALENDAR, freezes=(), now=MONDAY) == ()


def test_entering_sets_going_what_the_plan_names_in_its_order() -> None:
    asked = plan(("enable_flag", "schedule_huddle", "create_survey", "post_heads_up"))
    found = list(entries_of(asked, asked.stages[0], people=12, calendar=CALENDAR, now=MONDAY))
    assert [each.action for each in found] == ["schedule_huddle", "create_survey", "post_heads_up"]
    assert [each.due_at.date() for each in found] == [
        date(2026, 11, 10),
        date(2026, 11, 12),
        date(2026, 11, 9),
    ]
    assert "12 people" in found[2].says
    assert not list(entries_of(plan(), plan().stages[0], people=12, calendar=CALENDAR, now=MONDAY))
