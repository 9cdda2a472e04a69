from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.business_time import WHOLE_DAY, WorkingCalendar

BERLIN = ZoneInfo("Europe/Berlin")
EASTER = frozenset({date(2024, 3, 29), date(2024, 4, 1)})
OFFICE = WorkingCalendar(BERLIN, holidays=EASTER)
ROUND_THE_CLOCK = WorkingCalendar(BERLIN, hours=WHOLE_DAY)

NEW_YEAR = datetime(2023, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=1_400)).map(lambda span: NEW_YEAR + span)
SPANS = st.timedeltas(timedelta(), timedelta(days=60))
CALENDARS = st.builds(
    WorkingCalendar,
    st.sampled_from(
        [
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Asia/Kolkata",
            "America/Santiago",
            "UTC",
        ]
    ).map(ZoneInfo),
    hours=st.sampled_from([(time(9), time(17)), (time(0, 30), time(2, 30)), (time(22), time(0)), WHOLE_DAY]),
    holidays=st.frozensets(st.dates(date(2023, 1, 1), date(2027, 1, 1)), max_size=20),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("at", "working", "opens"),
    [
        ("2024-03-25 09:00", True, "2024-03-25 09:00"),
        ("2024-03-25 08:59", False, "2024-03-25 09:00"),
        ("2024-03-25 16:59", True, "2024-03-25 16:59"),
        ("2024-03-25 17:00", False, "2024-03-26 09:00"),
        ("2024-03-28 18:00", False, "2024-04-02 09:00"),  # over Easter and the clock change
        ("2024-04-01 12:00", False, "2024-04-02 09:00"),
        ("2024-04-06 12:00", False, "2024-04-08 09:00"),
    ],
)
def test_working_moments(at: str, working: bool, opens: str) -> None:
    assert OFFICE.is_working_time(berlin(at)) is working
    assert OFFICE.next_working_moment(berlin(at)) == berlin(opens)


@pytest.mark.parametrize(
    ("at", "n", "due"),
    [
        ("2024-03-04 14:30", 1, "2024-03-05 14:30"),  # R83: 24 h is the same time next working day
        ("2024-03-04 14:30", 3, "2024-03-07 14:30"),  # R84: 72 h are three working days
        ("2024-03-07 14:30", 3, "2024-03-12 14:30"),  # over a weekend
        ("2024-03-28 14:30", 1, "2024-04-02 14:30"),  # over Easter; the clock went forward, 14:30 stays 14:30
        ("2024-10-25 14:30", 1, "2024-10-28 14:30"),  # and back
        ("2024-03-09 11:00", 1, "2024-03-11 11:00"),  # handed in on a Saturday
        ("2024-03-09 11:00", 0, "2024-03-11 11:00"),
        ("2024-03-04 20:00", 0, "2024-03-04 20:00"),
    ],
)
def test_r83_r84_deadlines_count_working_days(at: str, n: int, due: str) -> None:
    assert OFFICE.add_working_days(berlin(at), n) == berlin(due)


def test_r98_three_working_days_after_a_first_exposure_on_friday_is_wednesday() -> None:
    due = OFFICE.add_working_days(berlin("2024-03-15 10:00"), 3)
    assert (due, due.tzinfo) == (berlin("2024-03-20 10:00"), UTC)


def test_a_local_time_that_does_not_exist_becomes_the_moment_an_hour_on() -> None:
    every_day = WorkingCalendar(BERLIN, weekdays=frozenset(range(7)))
    assert every_day.add_working_days(berlin("2024-03-30 02:30"), 1) == berlin("2024-03-31 03:30")
    autumn = every_day.add_working_days(berlin("2024-10-26 02:30"), 1)
    assert autumn == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)  # the first of the two


@pytest.mark.parametrize(
    ("start", "end", "hours", "days"),
    [
        ("2024-03-04 09:00", "2024-03-04 17:00", 8, 0),
        ("2024-03-04 16:00", "2024-03-05 10:00", 2, 1),
        ("2024-03-08 16:00", "2024-03-11 10:00", 2, 1),
        ("2024-03-28 16:00", "2024-04-02 10:00", 2, 1),
        ("2024-03-09 00:00", "2024-03-10 23:00", 0, 0),
        ("2024-03-05 10:00", "2024-03-04 16:00", 0, 0),
    ],
)
def test_working_time_and_days_between(start: str, end: str, hours: int, days: int) -> None:
    assert OFFICE.working_time_between(berlin(start), berlin(end)) == timedelta(hours=hours)
    assert OFFICE.working_days_between(berlin(start), berlin(end)) == days


def test_a_night_of_a_clock_change_has_its_real_length() -> None:
    every_day = WorkingCalendar(BERLIN, hours=WHOLE_DAY, weekdays=frozenset(range(7)))
    spring = every_day.working_time_between(berlin("2024-03-31 00:00"), berlin("2024-04-01 00:00"))
    autumn = every_day.working_time_between(berlin("2024-10-27 00:00"), berlin("2024-10-28 00:00"))
    assert (spring, autumn) == (timedelta(hours=23), timedelta(hours=25))
    assert ROUND_THE_CLOCK.is_working_time(berlin("2024-03-04 23:59"))


@given(CALENDARS, MOMENTS, st.integers(0, 30), st.integers(0, 30))
def test_deadlines_fall_on_working_days_and_add_up(
    calendar: WorkingCalendar, at: datetime, n: int, more: int
) -> None:
    begin = calendar.add_working_days(at, 0)
    due = calendar.add_working_days(begin, n)
    later = calendar.add_working_days(due, more)
    assert calendar.is_working_day(due.astimezone(calendar.zone).date())
    assert calendar.working_days_between(begin, due) == n
    assert calendar.working_days_between(begin, later) == n + more
    assert due.utcoffset() == timedelta()


@given(CALENDARS, MOMENTS, SPANS, SPANS)
def test_working_time_adds_up_and_never_exceeds_real_time(
    calendar: WorkingCalendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    middle, end = start + first, start + first + second
    before, after = calendar.working_time_between(start, middle), calendar.working_time_between(middle, end)
    assert calendar.working_time_between(start, end) == before + after
    assert timedelta() <= before <= first
    assert calendar.working_days_between(start, end) == (
        calendar.working_days_between(start, middle) + calendar.working_days_between(middle, end)
    )


@given(CALENDARS, MOMENTS)
def test_no_work_happens_before_the_next_working_moment(calendar: WorkingCalendar, at: datetime) -> None:
    opens = calendar.next_working_moment(at)
    assert opens >= at
    assert calendar.is_working_time(opens)
    assert calendar.working_time_between(at, opens) == timedelta()
    assert calendar.is_working_time(at) == (opens == at)


@pytest.mark.parametrize(
    ("hours", "weekdays"),
    [
        ((time(17), time(9)), {0}),
        ((time(9), time(9)), {0}),
        ((time(9), time(17)), set()),
        ((time(9), time(17)), {7}),
    ],
)
def test_calendars_without_working_time_are_refused(hours: tuple[time, time], weekdays: set[int]) -> None:
    with pytest.raises(ValueError, match=r"working"):
        WorkingCalendar(BERLIN, hours=hours, weekdays=frozenset(weekdays))


def test_moments_without_a_zone_and_days_taken_away_are_refused() -> None:
    with pytest.raises(ValueError, match="moment with a zone"):
        OFFICE.is_working_time(datetime(2024, 3, 4, 9))  # noqa: DTZ001
    with pytest.raises(ValueError, match="not taken away"):
        OFFICE.add_working_days(berlin("2024-03-04 09:00"), -1)


@pytest.mark.parametrize("day", range(1, 29))
@pytest.mark.parametrize("n", range(7))
def test_days_taken_away_are_the_latest_that_lead_there(day: int, n: int) -> None:
    """R112: a heads-up of n working days is told on the last day from which n working days reach the change."""
    calendar = WorkingCalendar(ZoneInfo("Europe/Madrid"), holidays=frozenset({date(2026, 3, 6)}))
    at = datetime(2026, 3, day, 12, 30, tzinfo=UTC)
    told = calendar.take_working_days(at, n)
    assert calendar.is_working_day(told.date())
    assert calendar.working_days_between(told, at) == n or not calendar.is_working_day(at.date())
    if calendar.is_working_day(at.date()):
        assert calendar.add_working_days(told, n).date() == at.date()


@pytest.mark.parametrize(
    ("zone", "day", "hours", "opens", "closes"),
    [
        (
            "Africa/Cairo",
            date(2023, 4, 28),
            (time(0, 30), time(2, 30)),
            "2023-04-27T22:00",
            "2023-04-27T23:30",
        ),
        (
            "Europe/Madrid",
            date(2024, 3, 31),
            (time(0, 30), time(2, 30)),
            "2024-03-30T23:30",
            "2024-03-31T01:00",
        ),
        (
            "Europe/Madrid",
            date(2023, 10, 29),
            (time(0, 30), time(2, 30)),
            "2023-10-28T22:30",
            "2023-10-29T00:30",
        ),
    ],
    ids=["opens in the hour that is skipped", "closes in it", "closes in the hour that comes twice"],
)
def test_hours_begin_and_end_when_the_clock_on_the_wall_first_shows_them(
    zone: str, day: date, hours: tuple[time, time], opens: str, closes: str
) -> None:
    found = WorkingCalendar(ZoneInfo(zone), hours).hours_of(day)

    assert [f"{at:%Y-%m-%dT%H:%M}" for at in found] == [opens, closes]
