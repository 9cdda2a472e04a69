"""How a session stands (R113), what its agenda says, when it takes place (R100, R101, R114): pure tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.change.sessions.domain import agenda, rhythm
from companyos.change.sessions.domain.over import Where, why_it_is_off
from companyos.change.sessions.domain.standing import State, standing
from companyos.change.sessions.domain.types import MINUTES, AgendaItem, Kind, SessionRow
from companyos.change.sessions.domain.yields import yield_of
from companyos.kernel.business_time import WorkingCalendar

MADRID = ZoneInfo("Europe/Madrid")
CALENDAR = WorkingCalendar(MADRID, holidays=frozenset({date(2026, 11, 11), date(2026, 12, 1)}))
FRIDAY = datetime(2026, 11, 13, 9, tzinfo=UTC)
ROW = SessionRow(
    "id", "huddle/plan/pilot/1", Kind.HUDDLE, "Huddle", "feature", "plan", "pilot", 1, False, FRIDAY, 15, "ada",
    ("sales",), False, (), 0, FRIDAY,
)  # fmt: skip
HOUR = timedelta(hours=1)


def held(**more: object) -> SessionRow:
    return replace(ROW, held_at=FRIDAY + HOUR, held_by="ada", outcome="ready", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "now", "state", "says"),
    [
        (ROW, FRIDAY - HOUR, State.PLANNED, "begins Fri 13 Nov 10:00"),
        (ROW, FRIDAY, State.PLANNED, "on now, until Fri 13 Nov 10:15"),
        (ROW, FRIDAY + HOUR, State.PLANNED, "over; its host says until Mon 16 Nov 10:15"),  # a working day, not a day
        (ROW, FRIDAY + 3 * 24 * HOUR + HOUR / 4, State.PLANNED, "over"),
        (ROW, FRIDAY + 3 * 24 * HOUR + HOUR, State.MISSED, "nobody has said that it took place"),
        (held(), FRIDAY + 90 * 24 * HOUR, State.HELD, "held, as written down Fri 13 Nov 11:00"),
        (replace(held(), held_at=FRIDAY + 96 * HOUR), FRIDAY + 97 * HOUR, State.HELD, "after the day it was due"),
        (replace(ROW, waived_at=FRIDAY, waived_because="one team"), FRIDAY, State.WAIVED, "waived: one team"),
        (replace(ROW, cancelled_at=FRIDAY, cancelled_because="ill"), FRIDAY, State.CANCELLED, "called off: ill"),
        (replace(ROW, cancelled_at=FRIDAY, waived_at=FRIDAY), FRIDAY, State.WAIVED, "waived"),
    ],
)  # fmt: skip
def test_R113_a_session_stands_by_its_row_and_the_time(
    row: SessionRow, now: datetime, state: State, says: str
) -> None:
    found = standing(row, calendar=CALENDAR, now=now)

    assert found.state is state
    assert says in found.because
    assert found.counts == (state in {State.HELD, State.WAIVED})
    assert found.on_now == (now == FRIDAY and state is State.PLANNED)


TOPICS = st.lists(st.tuples(st.text(min_size=1), st.just("")), max_size=20)


@given(TOPICS)
def test_R100_R101_the_minutes_of_an_agenda_are_those_of_its_session(topics: list[agenda.Topic]) -> None:
    made: dict[Kind, list[tuple[AgendaItem, ...]]] = {
        Kind.HUDDLE: [agenda.of_huddle("F", "S", ahead=ahead, link="") for ahead in (True, False)],
        Kind.OFFICE_HOURS: [agenda.of_office_hours("F", "")],
        Kind.DOGFOOD_HOUR: [agenda.of_dogfood_hour(topics)],
        Kind.CLINIC: [agenda.of_clinic(topics)],
    }
    for kind, agendas in made.items():
        for items in agendas:
            assert sum(item.minutes for item in items) == MINUTES[kind]
            assert all(item.minutes > 0 for item in items)


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=MADRID)


@pytest.mark.parametrize(
    ("now", "slots"),
    [
        (
            local(9, 9),
            [("2026-W46", local(12, 15)), ("2026-W47", local(18, 15))],
        ),  # Wednesday 11 is a holiday
        (local(12, 15), [("2026-W47", local(18, 15))]),  # this week's has begun: it is not planned afterwards
        (local(13, 9), [("2026-W47", local(18, 15))]),
    ],
)
def test_R100_the_dogfood_hour_is_weekly_on_a_working_day(
    now: datetime, slots: list[tuple[str, datetime]]
) -> None:
    assert [(slot.name, slot.at) for slot in rhythm.dogfood_hours(now, CALENDAR)] == slots


def test_R100_a_week_that_is_off_from_wednesday_on_has_no_hour() -> None:
    off = replace(CALENDAR, holidays=frozenset(date(2026, 11, day) for day in range(11, 16)))

    assert [slot.name for slot in rhythm.dogfood_hours(local(9, 9), off)] == ["2026-W47"]


@pytest.mark.parametrize(
    ("now", "name", "at"),
    [
        (local(2, 9), "2026-11", local(3, 11)),
        (local(3, 11), "2026-12", local(2, 11, month=12)),  # Tuesday 1 December is a holiday
        (local(20, 9), "2026-12", local(2, 11, month=12)),
    ],
)
def test_R101_the_clinic_is_on_the_first_tuesday_of_the_month(now: datetime, name: str, at: datetime) -> None:
    found = rhythm.next_clinic(now, CALENDAR)

    assert (found.name, found.at) == (name, at)


@pytest.mark.parametrize(
    ("entered", "due", "slots"),
    [
        (local(16, 9), local(23, 9), [local(17, 14)]),
        (local(16, 9), local(30, 9), [local(17, 14), local(24, 14)]),
        (local(16, 9), local(16, 17), [local(17, 14)]),  # a stage of a day has one all the same
        (local(10, 9), local(20, 9), [local(12, 14), local(19, 14)]),  # not on the holiday
        (local(20, 18), local(27, 18), [local(23, 14)]),
    ],
)
def test_R114_office_hours_are_once_a_week_in_working_time(
    entered: datetime, due: datetime, slots: list[datetime]
) -> None:
    assert [slot.at for slot in rhythm.office_hours(entered, due, CALENDAR)] == slots


@pytest.mark.parametrize(
    ("due", "now", "at"),
    [
        (local(23, 9), local(16, 9), local(20, 10)),  # Monday's change is talked about on Friday
        (local(12, 9), local(5, 9), local(10, 10)),  # over the holiday
        (local(12, 9), local(10, 9), local(12, 10)),  # too soon: the next working day, and the stage waits
        (local(12, 9), local(17, 9), local(18, 10)),  # long due
    ],
)
def test_R113_the_next_stages_people_meet_on_the_working_day_before_it(
    due: datetime, now: datetime, at: datetime
) -> None:
    assert rhythm.huddle_before(due, now, CALENDAR) == at


@pytest.mark.parametrize(
    ("due", "at"),
    [
        (local(17, 10), local(17, 10)),
        (local(17, 16, 50), local(18, 9)),  # it would not end in time
        (local(17, 20), local(18, 9)),
        (local(14, 10), local(16, 9)),
    ],
)
def test_R113_a_huddle_ends_within_working_hours(due: datetime, at: datetime) -> None:
    assert rhythm.huddle_after(due, 15, CALENDAR) == at


@given(st.integers(0, 700 * 24 * 60), st.integers(1, 40), st.integers(6, 12))
def test_R114_nobody_is_asked_to_come_when_nobody_works(minutes: int, days: int, opens: int) -> None:
    calendar = replace(CALENDAR, hours=(time(opens), time(opens + 3)))
    now = FRIDAY + timedelta(minutes=minutes)
    due = now + timedelta(days=days)
    moments = [slot.at for slot in rhythm.office_hours(now, due, calendar)]
    moments += [slot.at for slot in rhythm.dogfood_hours(now, calendar)]
    moments += [rhythm.next_clinic(now, calendar).at, rhythm.huddle_before(due, now, calendar)]

    assert all(calendar.is_working_time(at) for at in moments)
    assert all(at > now for at in moments)


def where(*, running: bool = True, attempt: int = 1) -> Where:
    return Where(running, "pilot", attempt, "expand", 1)


@pytest.mark.parametrize(
    ("row", "there", "why"),
    [
        (ROW, where(), ""),
        (ROW, where(running=False), "does not run"),
        (ROW, where(attempt=2), "stage is over"),
        (ROW, None, "no more"),
        (replace(ROW, stage="expand", ahead=True), where(), ""),
        (replace(ROW, stage="expand"), where(), "stage is over"),
        (replace(ROW, stage="expand", attempt=2, ahead=True), where(), "stage is over"),
    ],
)
def test_a_session_whose_stage_is_over_is_off(row: SessionRow, there: Where | None, why: str) -> None:
    found = why_it_is_off(row, there)
    assert why in found
    assert bool(found) == bool(why)


def test_R100_the_yield_says_how_many_it_rests_on() -> None:
    case: Callable[..., SimpleNamespace] = lambda taken, again: SimpleNamespace(  # noqa: E731
        is_taken_up=taken, can_be_repeated=again
    )
    found = yield_of(["ada", "bo"], [case(True, True), case(True, False), case(False, True)])

    assert (found.people, found.cases, found.actionable) == (2, 3, 1)
    assert (found.a_person, found.share) == (1.5, 1 / 3)
    assert (yield_of([], []).a_person, yield_of(["ada"], []).share) == (None, None)
