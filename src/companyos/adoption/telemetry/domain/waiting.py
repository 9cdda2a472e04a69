"""How long people wait for their first value, with those who still wait counted as waiting, not as never."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from companyos.kernel.stats.binomial import lower_bound, upper_bound


@dataclass(frozen=True, slots=True)
class Waited:
    """People whose wait ended, or has lasted so far, about `took`."""

    took: timedelta
    reached: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Reached:
    """The share of people who have their first value within `took`, by Kaplan and Meier's estimate."""

    took: timedelta
    share: float


@dataclass(frozen=True, slots=True)
class Waiting:
    people: int
    reached: int
    curve: tuple[Reached, ...]

    @property
    def open(self) -> int:
        return self.people - self.reached

    def quantile(self, q: float) -> timedelta | None:
        """Return after how long a share `q` has it; None when the curve does not get there."""
        return next((each.took for each in self.curve if each.share >= q - 1e-9), None)

    def interval(self, q: float, confidence: float) -> tuple[timedelta | None, timedelta | None]:
        """Return between which times the quantile lies; None where the people are too few to bound it."""
        sure = [(each.took, self._bounds(each.share, confidence)) for each in self.curve]
        low = next((took for took, (_, high) in sure if high >= q), None)
        return low, next((took for took, (low_share, _) in sure if low_share >= q), None)

    def _bounds(self, share: float, confidence: float) -> tuple[float, float]:
        got = round(share * self.people)
        return lower_bound(got, self.people, confidence), upper_bound(got, self.people, confidence)

    def within(self, target: timedelta) -> float | None:
        """Return the share that has it within `target`."""
        if not self.people:
            return None
        return max((each.share for each in self.curve if each.took <= target), default=0.0)


def waiting(groups: Iterable[Waited]) -> Waiting:
    """Build the curve. Those still waiting at a step count as at risk during it."""
    ordered = sorted(groups, key=lambda each: each.took)
    people = at_risk = sum(each.reached + each.waiting for each in ordered)
    survives, curve = 1.0, []
    for each in ordered:
        if each.reached:
            survives *= 1 - each.reached / at_risk
            curve.append(Reached(each.took, 1 - survives))
        at_risk -= each.reached + each.waiting
    return Waiting(people, sum(each.reached for each in ordered), tuple(curve))
