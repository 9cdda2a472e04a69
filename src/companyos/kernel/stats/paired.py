"""The mean change of the same people between two periods."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt
from statistics import fmean, stdev

from companyos.kernel.stats.beta import inverse_incomplete_beta
from companyos.kernel.stats.interval import Interval, check_confidence


def paired_interval(differences: Sequence[float], confidence: float) -> Interval:
    """Return the mean of one difference per person with Student's two-sided t interval.

    A one-sided 90 % bound is an end of the 80 % interval. Raises ValueError below two differences or for a
    difference that is not a number.
    """
    if len(differences) < 2 or not all(map(isfinite, differences)):
        raise ValueError("a paired interval needs at least two differences, all of them finite")
    mean = fmean(differences)
    reach = student_t(confidence, len(differences) - 1) * stdev(differences) / sqrt(len(differences))
    return Interval(value=mean, low=mean - reach, high=mean + reach)


def student_t(confidence: float, degrees: int) -> float:
    """Return the t that Student's distribution stays within, on both sides, with probability `confidence`."""
    check_confidence(confidence)
    # T²/(T² + degrees) is Beta(1/2, degrees/2); the complement keeps precision in the far tail.
    rest = inverse_incomplete_beta(degrees / 2, 0.5, 1.0 - confidence)
    return sqrt(degrees * (1.0 - rest) / rest)
