from __future__ import annotations

from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.stats.effect import LADDER, Effect
from companyos.kernel.stats.forecast import (
    Band,
    Calibration,
    Day,
    Forecast,
    History,
    Stage,
    band_of,
    forecast,
)

WEEK = tuple(Day(100, 1) for _ in range(5))
STEADY = History((WEEK,) * 4)
TRIPLED = Effect(tuple(float(rung == 7) for rung in LADDER))  # exp(7 * 0.15) = 2.86


def errors(stage: Stage) -> float:
    return sum(day.errors for day in stage)


def tasks(stage: Stage) -> float:
    return sum(day.tasks for day in stage)


def test_a_seed_gives_the_same_forecast_and_another_one_another() -> None:
    told = forecast(STEADY, errors, days=10, seed=1, draws=50)
    assert told == forecast(STEADY, errors, days=10, seed=1, draws=50)
    assert told != forecast(STEADY, errors, days=10, seed=2, draws=50)
    assert list(told.outcomes) == sorted(told.outcomes)


def test_it_is_centred_on_the_cohorts_own_weeks_times_the_effect() -> None:
    usual = forecast(STEADY, errors, days=10, seed=3)
    assert usual.interval().value == pytest.approx(10, abs=2)
    assert forecast(STEADY, tasks, days=10, seed=3).interval().value == pytest.approx(1_000, rel=0.05)
    harmed = forecast(STEADY, errors, days=10, seed=3, effect=TRIPLED)
    assert fmean(harmed.outcomes) / fmean(usual.outcomes) == pytest.approx(2.86, rel=0.15)


def test_weeks_that_differ_widen_it() -> None:
    bad, good = tuple(Day(100, 4) for _ in range(5)), tuple(Day(100, 0) for _ in range(5))
    uneven = History((bad, good, good, bad))
    assert STEADY.dispersion == 1
    assert uneven.dispersion == 6
    wide = forecast(uneven, errors, days=10, seed=4).interval()
    narrow = forecast(
        History((tuple(Day(100, 2) for _ in range(5)),) * 4), errors, days=10, seed=4
    ).interval()
    assert wide.high - wide.low > 1.3 * (narrow.high - narrow.low)


def test_a_stage_has_the_days_asked_for_and_never_more_errors_than_tasks() -> None:
    busy = History(((Day(3, 3), Day(0, 0)),) * 2)
    stages: list[Stage] = []

    def kept(stage: Stage) -> float:
        stages.append(stage)
        return len(stage)

    assert forecast(busy, kept, days=7, seed=5, draws=40).outcomes == (7,) * 40
    assert all(day.errors <= day.tasks for stage in stages for day in stage)


def test_a_history_without_errors_forecasts_few_but_not_none() -> None:
    quiet = History((tuple(Day(100, 0) for _ in range(5)),) * 4)
    told = forecast(quiet, errors, days=10, seed=6)
    assert told.interval().low == 0
    assert told.chance(lambda count: count > 0) > 0


def test_chances_are_shown_as_bands() -> None:
    told = Forecast(tuple(map(float, range(1, 11))))
    assert told.chance(lambda day: day <= 8) == 0.8
    assert [band_of(each) for each in (0.0, 0.05, 0.5, 0.7, 1.0)] == [
        Band.UNLIKELY,
        Band.UNLIKELY,
        Band.OPEN,
        Band.LIKELY,
        Band.LIKELY,
    ]
    with pytest.raises(ValueError, match="between 0 and 1"):
        band_of(1.5)


@pytest.mark.parametrize("seed", [71])
def test_outcomes_drawn_like_the_forecast_score_evenly(seed: int) -> None:
    random = Random(seed)
    told = forecast(STEADY, errors, days=10, seed=7)
    scores = sorted(told.pit(random.choice(told.outcomes), random) for _ in range(2_000))
    assert max(abs(score - i / 2_000) for i, score in enumerate(scores)) < 0.04


def test_a_score_says_where_the_outcome_fell() -> None:
    told, random = Forecast((1.0, 2.0, 2.0, 3.0)), Random(0)
    assert told.pit(0.5, random) == 0
    assert told.pit(9.0, random) == 1
    assert 0.25 <= told.pit(2.0, random) <= 0.75


def test_under_ten_outcomes_nothing_is_recalibrated() -> None:
    told = forecast(STEADY, errors, days=10, seed=8)
    young = Calibration([0.99] * 9)
    assert str(young) == "not yet checked"
    assert young.interval(told) == told.interval()


def test_from_ten_outcomes_the_interval_goes_where_they_fell() -> None:
    told = forecast(STEADY, errors, days=10, seed=9)
    high = Calibration([0.85 + i / 100 for i in range(10)])
    assert str(high) == "5 of 10 past outcomes lay in their 80 % interval" or str(high).startswith("6 of 10")
    assert high.interval(told).value > told.interval().value
    even = Calibration([(i + 0.5) / 40 for i in range(40)])
    assert even.interval(told).low == pytest.approx(told.interval().low, abs=1)
    assert even.interval(told).high == pytest.approx(told.interval().high, abs=1)


@given(st.lists(st.floats(0, 1), min_size=10, max_size=60), st.floats(0.1, 0.95))
def test_a_recalibrated_interval_is_in_order(pits: list[float], confidence: float) -> None:
    told = Forecast(tuple(map(float, range(100))))
    interval = Calibration(pits).interval(told, confidence)
    assert interval.low <= interval.value <= interval.high


@pytest.mark.parametrize("weeks", [(), (WEEK,), (WEEK, ()), ((Day(0, 0),), (Day(0, 0),))])
def test_too_short_a_history_is_refused(weeks: tuple[Stage, ...]) -> None:
    with pytest.raises(ValueError, match="at least two weeks"):
        History(weeks)


def test_a_forecast_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs days and draws"):
        forecast(STEADY, errors, days=0, seed=1)
