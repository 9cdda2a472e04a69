from __future__ import annotations

from collections.abc import Sequence
from math import exp
from random import Random

import pytest

from companyos.kernel.stats.binomial import lower_bound
from companyos.kernel.stats.finding import Answer
from companyos.kernel.stats.incident_trend import Trend, Week, dispersion, judge_incidents, trend_of


def weeks(*bugs: int, people: float = 25.0) -> list[Week]:
    return [Week(each, people) for each in bugs]


@pytest.mark.parametrize(
    ("first", "last", "trend"),
    [
        (weeks(2, 2, 1, 2), weeks(1, 1, 1, 1), Trend.FLAT),  # 7 then 4
        (weeks(0, 0), weeks(1, 1), Trend.FLAT),
        (weeks(0, 0, 0, 0), weeks(0, 0, 0, 0), Trend.FLAT),
        (weeks(3, 2, 3, 4), weeks(1, 1, 2, 0), Trend.FALLING),
        (weeks(1, 1, 2, 0), weeks(3, 2, 3, 4), Trend.RISING),
        (weeks(1, 1, 2, 0), weeks(3, 2, 3, 4, people=75.0), Trend.FLAT),  # three times as much use
        (weeks(0, 8, 0, 0), weeks(0, 0, 12, 4), Trend.FLAT),  # bad weeks, not a trend
    ],
)
def test_halves_are_compared_per_active_person_week(
    first: Sequence[Week], last: Sequence[Week], trend: Trend
) -> None:
    assert trend_of(first, last) is trend


def test_dispersion_is_pearsons_and_1_for_what_chance_does() -> None:
    assert dispersion(weeks(4, 4), weeks(9, 9)) == 0
    assert dispersion(weeks(0, 8), weeks(5, 5)) == pytest.approx(8 / 2)


@pytest.mark.parametrize("seed", [77])
@pytest.mark.parametrize("mean", [1.0, 3.0, 10.0])
@pytest.mark.parametrize("bunched", [False, True])
def test_a_flat_rate_is_called_rising_in_at_most_one_of_ten(seed: int, mean: float, bunched: bool) -> None:
    random = Random(seed)

    def half() -> list[Week]:
        rates = (random.gammavariate(3, mean / 3) if bunched else mean for _ in range(6))
        return weeks(*(poisson(random, rate) for rate in rates))

    rising = sum(trend_of(half(), half()) is Trend.RISING for _ in range(400))
    assert lower_bound(rising, 400, 0.99) <= 0.10


def poisson(random: Random, mean: float) -> int:
    count, product = 0, random.random()
    while product > exp(-mean):
        count, product = count + 1, product * random.random()
    return count


@pytest.mark.parametrize(
    ("sev1", "sev2", "last", "answer", "because"),
    [
        (0, 5, (1, 1, 1, 1), Answer.PASSED, "7 then 4: too few to tell; within budget 5"),
        (0, 0, (0, 0, 0, 0), Answer.PASSED, "7 then 0: falling; within budget 5"),
        (1, 0, (1, 1, 1, 1), Answer.FAILED, "1 open Sev1, 0 open Sev2; budget 5"),
        (0, 6, (1, 1, 1, 1), Answer.FAILED, "0 open Sev1, 6 open Sev2; budget 5"),
        (0, 0, (5, 4, 6, 5), Answer.FAILED, "7 then 20: rising"),
    ],
)
def test_the_gate_asks_for_no_open_sev1_a_budget_and_no_rise(
    sev1: int, sev2: int, last: Sequence[int], answer: Answer, because: str
) -> None:
    found = judge_incidents(weeks(2, 2, 1, 2), weeks(*last), open_sev1=sev1, open_sev2=sev2, budget=5)
    assert (found.answer, found.because) == (answer, because)


def test_silence_without_use_proves_nothing() -> None:
    found = judge_incidents(
        weeks(0, 0), weeks(0, 0), open_sev1=0, open_sev2=0, budget=5, least_person_weeks=200
    )
    assert found.answer is Answer.NOT_ENOUGH
    assert found.because == "100 active person-weeks; needs 200, over two halves"
    assert judge_incidents([], weeks(1, 1), open_sev1=0, open_sev2=0, budget=5).answer is Answer.NOT_ENOUGH


@pytest.mark.parametrize("half", [[], weeks(1), weeks(0, 0, people=0.0), weeks(-1, 2)])
def test_a_half_that_is_none_is_refused(half: Sequence[Week]) -> None:
    with pytest.raises(ValueError, match="a half needs"):
        trend_of(half, weeks(1, 1))
