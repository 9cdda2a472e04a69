"""Whether severe bugs come more often than before (P4): per week that a person was active, half against half.

With few bugs a fall cannot be proved: a halving is seen in a fifth to a third of the cases. So the gate asks that the
rate does not rise, and says what the trend looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import copysign, sqrt
from statistics import NormalDist

from companyos.kernel.stats.finding import Answer, Finding

RISING_AT = NormalDist().inv_cdf(0.9)  # one-sided .10


class Trend(StrEnum):
    FALLING = "falling"
    FLAT = "low or flat: too few to prove a trend"
    RISING = "rising"


@dataclass(frozen=True, slots=True)
class Week:
    """One week (or sprint): severe bugs reported, and how many people were active in it."""

    bugs: int
    person_weeks: float


def trend_of(first: Sequence[Week], last: Sequence[Week]) -> Trend:
    """Compare two halves of at least two weeks each.

    Given all bugs, those of the last half are binomial with its share of the person-weeks; the standard error grows
    with the dispersion of the weeks within their half (quasi-Poisson), and half a bug is taken off the difference,
    without which two bugs after none would already be a rise. Raises ValueError for halves without use.
    """
    halves = [_added(first), _added(last)]
    bugs, use = halves[0].bugs + halves[1].bugs, halves[0].person_weeks + halves[1].person_weeks
    share = halves[1].person_weeks / use
    difference = halves[1].bugs - bugs * share
    beyond_chance = max(0.0, abs(difference) - 0.5)
    if beyond_chance == 0:
        return Trend.FLAT
    spread = sqrt(bugs * share * (1 - share) * max(1.0, dispersion(first, last)))
    z = copysign(beyond_chance, difference) / spread
    return Trend.RISING if z > RISING_AT else Trend.FALLING if z < -RISING_AT else Trend.FLAT


def dispersion(*halves: Sequence[Week]) -> float:
    """Return Pearson's dispersion of weekly counts around the rate of their half; 1 is Poisson."""
    total, degrees = 0.0, 0
    for half in halves:
        added = _added(half)
        expected = [added.bugs / added.person_weeks * week.person_weeks for week in half]
        pairs = zip(half, expected, strict=True)
        total += sum((week.bugs - mean) ** 2 / mean for week, mean in pairs if mean > 0)
        degrees += len(half) - 1
    return total / degrees


def judge_incidents(
    first: Sequence[Week],
    last: Sequence[Week],
    *,
    open_sev1: int,
    open_sev2: int,
    budget: int,
    least_person_weeks: float = 0.0,
) -> Finding:
    """Judge severe bugs: passes without an open Sev1, with open Sev2 within `budget`, and not rising.

    `least_person_weeks` is the use, over both halves, below which silence proves nothing.
    """
    if open_sev1 or open_sev2 > budget:
        return Finding(Answer.FAILED, f"{open_sev1} open Sev1, {open_sev2} open Sev2; budget {budget}")
    used = sum(week.person_weeks for week in (*first, *last))
    if min(len(first), len(last)) < 2 or used < least_person_weeks:
        return Finding(
            Answer.NOT_ENOUGH,
            f"{used:.0f} active person-weeks; needs {least_person_weeks:.0f}, over two halves",
        )
    trend = trend_of(first, last)
    numbers = f"{_added(first).bugs} then {_added(last).bugs}"
    if trend is Trend.RISING:
        return Finding(Answer.FAILED, f"{numbers}: rising")
    said = "falling" if trend is Trend.FALLING else "too few to tell"
    return Finding(Answer.PASSED, f"{numbers}: {said}; within budget {budget}")


def _added(half: Sequence[Week]) -> Week:
    week = Week(sum(each.bugs for each in half), sum(each.person_weeks for each in half))
    if len(half) < 2 or not week.person_weeks > 0 or min(each.bugs for each in half) < 0:
        raise ValueError("a half needs at least two weeks, somebody active in them, and no negative counts")
    return week
