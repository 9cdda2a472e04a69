"""A quantile with an interval that assumes nothing about the distribution.

The interval is a pair of order statistics, so a store needs to return only three values of the sorted sample:
ask `quantile_ranks` and `sample_rank` which ones.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import ceil, inf

from companyos.kernel.stats.beta import binomial_at_most
from companyos.kernel.stats.interval import Interval, check_confidence


def quantile_interval(sorted_values: Sequence[float], q: float, confidence: float) -> Interval:
    """Return the `q` quantile of ascending values with a two-sided interval of at least `confidence`.

    An end the sample is too small to bound is infinite. Raises ValueError for an empty sample.
    """
    n = len(sorted_values)
    low, high = quantile_ranks(n, q, confidence)
    return Interval(
        value=sorted_values[sample_rank(n, q) - 1],
        low=sorted_values[low - 1] if low > 0 else -inf,
        high=sorted_values[high - 1] if high <= n else inf,
    )


def quantile_ranks(n: int, q: float, confidence: float) -> tuple[int, int]:
    """Return the ranks (from 1) of the two order statistics that enclose the `q` quantile of n values.

    How many values lie below the true quantile is binomial (n, q); each side may be missed with half the
    error. Rank 0 or n + 1 means that n values cannot bound that side.
    """
    _check(n, q)
    check_confidence(confidence)
    miss = (1.0 - confidence) / 2
    ranks = range(n + 2)
    low = bisect_right(ranks, miss, key=lambda rank: binomial_at_most(rank - 1, n, q)) - 1
    high = bisect_left(ranks, 1.0 - miss, key=lambda rank: binomial_at_most(rank - 1, n, q))
    return low, high


def sample_rank(n: int, q: float) -> int:
    """Return the rank (from 1) of the sample's own `q` quantile: the least with a share q at or below it."""
    _check(n, q)
    return max(1, ceil(q * n - 1e-9))  # 0.95 * 20 must stay 19


def _check(n: int, q: float) -> None:
    if n < 1:
        raise ValueError("a quantile needs at least one value")
    if not 0 < q < 1:
        raise ValueError(f"a quantile lies between 0 and 1, got {q}")
