from __future__ import annotations

from math import comb, inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.stats.binomial import lower_bound
from companyos.kernel.stats.quantiles import quantile_interval, quantile_ranks, sample_rank


@pytest.mark.parametrize(
    ("n", "q", "ranks"),
    [
        (10, 0.5, (2, 9)),  # as in the tables for the sign test
        (20, 0.5, (6, 15)),
        (100, 0.5, (40, 61)),
        (5, 0.5, (0, 6)),  # five values cannot bound a median at 95 %
        (20, 0.95, (17, 21)),  # nor twenty a 95th percentile from above
    ],
)
def test_ranks_at_95_percent(n: int, q: float, ranks: tuple[int, int]) -> None:
    assert quantile_ranks(n, q, 0.95) == ranks


@given(n=st.integers(1, 80), percent=st.integers(1, 99), confidence=st.sampled_from((0.5, 0.8, 0.95)))
def test_the_ranks_are_the_closest_that_keep_the_error_on_each_side(
    n: int, percent: int, confidence: float
) -> None:
    q, miss = percent / 100, (1 - confidence) / 2
    below = [0.0]  # below[r]: the chance of fewer than r values under the quantile
    for k in range(n + 1):
        below.append(below[-1] + comb(n, k) * q**k * (1 - q) ** (n - k))
    low, high = quantile_ranks(n, q, confidence)
    assert below[low] <= miss + 1e-9
    assert below[low + 1] > miss - 1e-9
    assert below[high] >= 1 - miss - 1e-9
    assert below[high - 1] < 1 - miss + 1e-9


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200), st.integers(1, 99))
def test_the_interval_encloses_its_value(values: list[float], percent: int) -> None:
    interval = quantile_interval(sorted(values), percent / 100, 0.9)
    assert interval.low <= interval.value <= interval.high
    assert interval.value in values


def test_a_sample_too_small_for_an_end_says_so() -> None:
    interval = quantile_interval([1.0, 2.0, 3.0], 0.95, 0.95)
    assert (interval.value, interval.high) == (3.0, inf)


def test_the_sample_rank_is_not_moved_by_rounding() -> None:
    assert [sample_rank(20, 0.95), sample_rank(100, 0.29), sample_rank(1, 0.01), sample_rank(3, 0.5)] == [
        19,
        29,
        1,
        2,
    ]


@pytest.mark.parametrize("seed", [20_240_607])
def test_the_interval_covers_as_often_as_it_says(seed: int) -> None:
    random = Random(seed)
    low, high = quantile_ranks(60, 0.9, 0.9)
    samples = (sorted(random.random() for _ in range(60)) for _ in range(1_000))
    covered = sum(sample[low - 1] <= 0.9 <= sample[high - 1] for sample in samples)
    assert lower_bound(covered, 1_000, 0.999) <= 0.95  # not needlessly wide
    assert covered >= 880


@pytest.mark.parametrize(("n", "q"), [(0, 0.5), (5, 0.0), (5, 1.0), (5, float("nan"))])
def test_no_quantile_without_values_or_outside_the_sample(n: int, q: float) -> None:
    with pytest.raises(ValueError, match="quantile"):
        quantile_ranks(n, q, 0.9)
