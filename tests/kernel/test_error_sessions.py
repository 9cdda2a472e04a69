from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.error_sessions import ErrorSessions

MONDAY = datetime(2024, 3, 4, 9, tzinfo=UTC)


def opened(*minutes: float) -> list[bool]:
    sessions = ErrorSessions()
    return [sessions.opens_one("ada", MONDAY + timedelta(minutes=minute)) for minute in minutes]


@pytest.mark.parametrize(
    ("minutes", "opens"),
    [
        ((0,), [True]),
        ((0, 0, 29.99), [True, False, False]),
        ((0, 30), [True, True]),
        ((0, 20, 40, 60), [True, False, False, False]),  # each within 30 minutes of the one before
        ((0, 60, 120, 180, 240), [True, True, True, False, False]),  # three a day
        ((0, 60, 120, 180, 190, 24 * 60), [True, True, True, False, False, True]),  # a new day counts anew
        ((0, 60, 10, 65), [True, True, False, False]),  # an error that came late opens nothing
        ((14 * 60 + 50, 15 * 60 + 10, 16 * 60), [True, False, True]),  # over midnight it stays one session
    ],
)
def test_errors_collapse_into_sessions(minutes: tuple[float, ...], opens: list[bool]) -> None:
    assert opened(*minutes) == opens


def test_people_do_not_share_sessions() -> None:
    sessions = ErrorSessions()
    assert [sessions.opens_one(person, MONDAY) for person in ("ada", "bob", "ada")] == [True, True, False]


def test_days_are_those_of_the_zone() -> None:
    tokyo = ErrorSessions(zone=ZoneInfo("Asia/Tokyo"))
    evening = datetime(2024, 3, 4, 12, tzinfo=UTC)  # 21:00 in Tokyo, midnight comes at 15:00
    hours = (0, 1, 2, 2.75, 3)
    assert [tokyo.opens_one("ada", evening + timedelta(hours=hour)) for hour in hours] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert tokyo.opens_one("ada", evening + timedelta(hours=3.5))


def test_the_hour_a_clock_change_repeats_is_a_real_hour() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    sessions = ErrorSessions(zone=berlin)
    first = datetime(2024, 10, 27, 2, 10, tzinfo=berlin)
    assert [sessions.opens_one("ada", at) for at in (first, first.replace(fold=1))] == [True, True]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        ErrorSessions().opens_one("ada", MONDAY.replace(tzinfo=None))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4 * 24 * 60)), max_size=60))
def test_one_pass_equals_counting_afterwards(errors: list[tuple[str, int]]) -> None:
    errors.sort(key=lambda error: error[1])
    sessions = ErrorSessions()
    counted = [
        error for error in errors if sessions.opens_one(error[0], MONDAY + timedelta(minutes=error[1]))
    ]
    expected = []
    for person in "abc":
        minutes = [minute for who, minute in errors if who == person]
        openings = [m for before, m in zip([-999, *minutes], minutes, strict=False) if m - before >= 30]
        for day in {(m + 9 * 60) // (24 * 60) for m in openings}:
            expected += [(person, m) for m in openings if (m + 9 * 60) // (24 * 60) == day][:3]
    assert sorted(counted) == sorted(expected)
