"""How many times as often exposed teams err as without the feature, and whether that is safe to advance."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log

from companyos.kernel.stats.interval import Interval, check_confidence
from companyos.kernel.stats.null_prior import STEP

LADDER = range(-9, 19)
"""Cells of the effect on a log scale: cell j lies around exp(j * STEP), from a quarter to sixteen times."""

SAFE_PROBABILITY = 0.95
MIN_EXPOSED_TASKS = 100
_LARGEST_LIMIT = 8.0


@dataclass(frozen=True, slots=True)
class Effect:
    """The posterior of the error-rate ratio: one probability per cell of `LADDER`, flat within a cell."""

    probabilities: tuple[float, ...]

    def at_most(self, ratio: float) -> float:
        """Return the probability that the feature multiplies errors by at most `ratio`."""
        cells = log(ratio) / STEP - LADDER[0] + 0.5
        whole = min(len(LADDER), max(0, int(cells)))
        part = self.probabilities[whole] * (cells - whole) if 0 <= cells < len(LADDER) else 0.0
        return sum(self.probabilities[:whole]) + part

    def interval(self, confidence: float) -> Interval:
        """Return the median ratio with a two-sided credible interval of `confidence`, for people to read."""
        check_confidence(confidence)
        miss = (1.0 - confidence) / 2
        return Interval(self.quantile(0.5), self.quantile(miss), self.quantile(1.0 - miss))

    def quantile(self, probability: float) -> float:
        """Return the ratio that the true one lies below with `probability`."""
        ends = list(accumulate(self.probabilities))
        cell = min(bisect_left(ends, probability), len(ends) - 1)
        part = 1.0 - (ends[cell] - probability) / self.probabilities[cell]
        return exp(STEP * (LADDER[cell] - 0.5 + part))


@dataclass(frozen=True, slots=True)
class Safety:
    """Whether a stage may be left, with the numbers that say so."""

    safe: bool
    probability: float  # that errors are at most `limit` times as many
    limit: float
    exposed_tasks: int


def safe_to_advance(
    effect: Effect, *, baseline_rate: float, exposed_tasks: int, points_of_harm: float = 0.02
) -> Safety:
    """Judge whether harm of `points_of_harm` (a share: 0.02 is two points) or more is ruled out at 95 %.

    `baseline_rate` is the share of tasks that failed before. Never safe below 100 exposed tasks.
    """
    limit = harmful_ratio(baseline_rate, points_of_harm)
    probability = effect.at_most(limit)
    safe = probability >= SAFE_PROBABILITY and exposed_tasks >= MIN_EXPOSED_TASKS
    return Safety(safe, probability, limit, exposed_tasks)


def harmful_ratio(baseline_rate: float, points_of_harm: float) -> float:
    """Return how many times as many errors `points_of_harm` (a share) more are; at most eight times."""
    if not 0 <= baseline_rate <= 1 or not points_of_harm > 0:
        raise ValueError(f"baseline {baseline_rate} must be a share and harm {points_of_harm} above 0")
    return min(_LARGEST_LIMIT, 1 + points_of_harm / baseline_rate) if baseline_rate else _LARGEST_LIMIT
