"""Each case of a log once, in working hours; a profile that keeps what it was fitted to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from companyos.adoption.rollouts.rehearsal.arrivals import PLAN_WORKING_DAYS, Arrivals
from companyos.adoption.rollouts.rehearsal.courses import Course, Step
from companyos.adoption.rollouts.rehearsal.dice import Dice
from companyos.adoption.rollouts.rehearsal.profile import (
    BadProfile,
    fit,
    load_profile,
    save_profile,
    stored_profile,
)
from companyos.adoption.rollouts.rehearsal.xes import read_log

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = date(2026, 11, 9)
HOURS = (time(9), time(17))


def arrivals_of(size: int, *, seed: int = 1) -> Arrivals:
    replayed = tuple(Course((Step("A", "EMPLOYEE"),), (0.0,)) for _ in range(size))
    return Arrivals(replayed, stored_profile(), size=size, hours=HOURS, zone=MADRID, dice=Dice(seed))


def working_days() -> Iterator[date]:
    return (MONDAY + timedelta(days=n) for n in range(60) if (MONDAY + timedelta(days=n)).weekday() < 5)


@pytest.mark.parametrize("size", [1, 7, 24, 25, 26, 1000, 10_357])
def test_each_case_of_the_log_begins_once_within_25_working_days(size: int) -> None:
    arrivals, names = arrivals_of(size), []
    days = working_days()
    while arrivals.log_is_left:
        names += [arrival.case for arrival in arrivals.of_the_log(next(days))]
    assert names == [f"log-{n:06d}" for n in range(1, size + 1)]
    assert next(days) == MONDAY + timedelta(weeks=5)


@pytest.mark.parametrize("day", [MONDAY, date(2026, 10, 23), date(2026, 10, 26)])
def test_arrivals_fall_into_working_hours_and_keep_their_order(day: date) -> None:
    arrivals = arrivals_of(1003)
    for dealt in (arrivals.of_the_log(day), arrivals.sampled(day)):
        moments = [datetime.fromtimestamp(a.at_ms / 1000, MADRID) for a in dealt]
        assert all(moment.date() == day and time(9) <= moment.time() < time(17) for moment in moments)
        assert moments == sorted(moments)
        assert abs(len(dealt) - 1003 / PLAN_WORKING_DAYS) <= 1


def test_sampled_days_do_not_use_up_the_log() -> None:
    delayed, straight = arrivals_of(100), arrivals_of(100)
    delayed.of_the_log(MONDAY)
    delayed.sampled(MONDAY + timedelta(days=1))
    straight.of_the_log(MONDAY)
    day = MONDAY + timedelta(days=2)
    assert delayed.of_the_log(day) == straight.of_the_log(day)


def test_equal_seeds_sample_equal_days() -> None:
    one, same, other = (arrivals_of(500, seed=seed).sampled(MONDAY) for seed in (7, 7, 8))
    assert one == same
    assert one != other


def test_a_profile_survives_being_stored(a_log: Path, tmp_path: Path) -> None:
    profile = fit(read_log(a_log), source="a test")
    save_profile(profile, tmp_path / "profile.json")
    again = load_profile(tmp_path / "profile.json")
    assert again == profile
    assert again.sample(Dice(3), "case") == profile.sample(Dice(3), "case")


def test_samples_stay_within_what_the_log_showed() -> None:
    profile, dice = stored_profile(), Dice(11)
    longest = {(wait.after, wait.until): wait.seconds[-1] for wait in profile.waits}
    numbers = {Step(step.name, step.role): n for n, step in enumerate(profile.steps)}
    for n in range(300):
        course = profile.sample(dice, f"case-{n}")
        path = [numbers[step] for step in course.steps]
        for pair, (before, after) in zip(pairwise(path), pairwise(course.offsets), strict=True):
            assert 0 <= after - before <= longest[pair] + 0.01


def test_the_stored_profile_is_small_and_names_its_source() -> None:
    profile = stored_profile()
    assert (profile.cases, len(profile.variants)) == (10_357, 90)
    assert "BPI Challenge 2020" in profile.source
    assert len(msgspec.json.encode(profile)) < 200_000


@pytest.mark.parametrize("content", ["{}", "[]", "no json", '{"cases": "many"}'])
def test_a_damaged_profile_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text(content)
    with pytest.raises(BadProfile, match="cannot be used"):
        load_profile(tmp_path / "profile.json")
