"""What a count of successes says about the true share, and how many tasks a gate needs.

Every bound is one-sided: a 95 % lower bound is wrong in at most 5 % of samples.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from statistics import NormalDist

from companyos.kernel.stats.beta import binomial_at_most, inverse_incomplete_beta
from companyos.kernel.stats.interval import check_confidence

_REMEMBERED = 8192  # gates ask of the same counts minute by minute, and most rollouts have the same few


@lru_cache(maxsize=_REMEMBERED)
def lower_bound(successes: int, n: int, confidence: float) -> float:
    """Return the exact one-sided lower bound for the true share of successes (Clopper and Pearson 1934).

    Raises ValueError for an impossible count or confidence. With n = 0 nothing is known: 0.
    """
    _check(successes, n, confidence)
    if successes == 0:
        return 0.0
    return inverse_incomplete_beta(successes, n - successes + 1, 1.0 - confidence)


@lru_cache(maxsize=_REMEMBERED)
def upper_bound(successes: int, n: int, confidence: float) -> float:
    """Return the exact one-sided upper bound for the true share of successes; 1 when n = 0."""
    _check(successes, n, confidence)
    if successes == n:
        return 1.0
    return inverse_incomplete_beta(successes + 1, n - successes, confidence)


def wilson_lower(successes: int, n: int, confidence: float) -> float:
    """Return Wilson's one-sided lower score bound (1927): right on average, not always cautious."""
    return _wilson(successes, n, confidence, side=-1)


def wilson_upper(successes: int, n: int, confidence: float) -> float:
    """Return Wilson's one-sided upper score bound."""
    return _wilson(successes, n, confidence, side=1)


def smallest_n_to_pass(failures: int, target: float, confidence: float) -> int:
    """Return how many tasks, `failures` of them failed, first prove a success share of at least `target`.

    At 95 % and a target of 99.5 % that is 598 tasks without a failure and 947 with one.
    """
    check_confidence(confidence)
    if failures < 0 or not 0 < target < 1:
        raise ValueError(f"needs failures >= 0 and a target between 0 and 1, got {failures} and {target}")
    too_few, enough = failures, 2 * failures + 2
    while not _proves(failures, enough, target, confidence):
        too_few, enough = enough, 2 * enough
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if _proves(failures, middle, target, confidence):
            enough = middle
        else:
            too_few = middle
    return enough


def _proves(failures: int, n: int, target: float, confidence: float) -> bool:
    return binomial_at_most(failures, n, 1.0 - target) <= 1.0 - confidence


def _wilson(successes: int, n: int, confidence: float, *, side: int) -> float:
    _check(successes, n, confidence)
    if n == 0:
        return 0.0 if side < 0 else 1.0
    z = NormalDist().inv_cdf(confidence)
    share = successes / n
    middle = share + z * z / (2 * n)
    reach = z * sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return min(1.0, max(0.0, (middle + side * reach) / (1 + z * z / n)))


def _check(successes: int, n: int, confidence: float) -> None:
    check_confidence(confidence)
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n} is impossible")
