"""P5: the same people against themselves, week 1 dropped; time by each person's log median."""

from __future__ import annotations

from datetime import date, timedelta
from math import log
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.adoption.telemetry.domain.trends import (
    PersonDay,
    Trend,
    completion_trend,
    log_median,
    time_trend,
)
from companyos.kernel.stats.improvement import MIN_PEOPLE, change_interval

EXPOSED = date(2026, 3, 2)
STARTS = EXPOSED + timedelta(days=7)  # week 1 is dropped
TODAY = STARTS + timedelta(days=20)
FIRST, LAST = STARTS + timedelta(days=1), STARTS + timedelta(days=15)


def day(person: str, when: date, seconds: list[float], begun: int = 0) -> PersonDay:
    return PersonDay(
        person, when, begun or len(seconds), len(seconds), tuple(sorted(log(each) for each in seconds))
    )


def people(n: int) -> list[str]:
    return [f"person-{k}" for k in range(n)]


def times(first: list[float], last: list[float], n: int = MIN_PEOPLE) -> Trend:
    days = [d for p in people(n) for d in (day(p, FIRST, first), day(p, LAST, last))]
    return time_trend(days, dict.fromkeys(people(n), EXPOSED), TODAY)


def test_one_task_left_open_overnight_does_not_turn_a_faster_person_into_a_slower_one_P5() -> None:
    """The mean of the logs would say 9 % slower; the median says 20 % faster, as everybody there would."""
    first, last = [100.0] * 11, [80.0] * 10 + [100_000.0]
    found = times(first, last).change
    assert found is not None
    assert found.value == pytest.approx(log(80 / 100))
    assert sum(map(log, last)) / 11 > log(100) + 0.08


@pytest.mark.parametrize(
    ("n", "tasks", "known"), [(MIN_PEOPLE, 10, True), (MIN_PEOPLE - 1, 10, False), (MIN_PEOPLE, 9, False)]
)
def test_eight_people_with_ten_tasks_in_each_half_are_needed_P5(n: int, tasks: int, known: bool) -> None:
    assert (times([60.0] * tasks, [60.0] * tasks, n).change is not None) is known


def test_people_who_did_not_change_at_all_are_an_answer_P5() -> None:
    found = times([60.0] * 10, [60.0] * 10)
    assert found.change is not None
    assert (found.change.low, found.change.value, found.change.high) == (0.0, 0.0, 0.0)


def test_the_first_week_and_people_never_exposed_count_for_nothing_P5() -> None:
    inside = [d for p in people(MIN_PEOPLE) for d in (day(p, FIRST, [60] * 10), day(p, LAST, [60] * 10))]
    stray = [day(p, EXPOSED + timedelta(days=6), [6000] * 50) for p in people(MIN_PEOPLE)]
    stranger = [day("stranger", when, [9000] * 20) for when in (FIRST, LAST)]
    exposed = dict.fromkeys(people(MIN_PEOPLE), EXPOSED)
    assert time_trend(inside + stray + stranger, exposed, TODAY) == time_trend(inside, exposed, TODAY)


def test_completion_is_the_share_of_begun_tasks_P5() -> None:
    days = [
        d
        for p in people(MIN_PEOPLE)
        for d in (day(p, FIRST, [60] * 16, begun=20), day(p, LAST, [60] * 18, begun=20))
    ]
    found = completion_trend(days, dict.fromkeys(people(MIN_PEOPLE), EXPOSED), TODAY)
    assert found.change is not None
    assert found.change.value == pytest.approx(0.1)


@given(
    st.lists(
        st.lists(st.floats(1, 1e6), min_size=20, max_size=40), min_size=MIN_PEOPLE, max_size=MIN_PEOPLE + 3
    )
)
def test_it_is_the_mean_of_each_persons_change_of_log_median_P5(taken: list[list[float]]) -> None:
    days, changes = [], []
    for person, seconds in zip(people(len(taken)), taken, strict=True):
        first, last = seconds[:10], seconds[10:]
        days += [day(person, FIRST, first), day(person, LAST, last[:5]), day(person, TODAY, last[5:])]
        changes.append(median(map(log, last)) - median(map(log, first)))
    found = time_trend(days, dict.fromkeys(people(len(taken)), EXPOSED), TODAY)
    assert found.change is not None
    expected = change_interval(changes)
    assert found.change.value == pytest.approx(expected.value, abs=1e-9)
    assert (found.change.low, found.change.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_nobody_done_is_no_median() -> None:
    assert log_median([day("person-0", FIRST, [], begun=3)]) is None
