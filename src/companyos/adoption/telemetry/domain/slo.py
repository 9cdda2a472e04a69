"""What has an objective left, and how fast is it being spent?

Everything is counts in, answer out. An objective allows a share of bad requests; the budget is that share of all
requests of its window; a burn of 1 spends exactly the budget. Few requests say nothing, and then the answer says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil

LEAST_BAD = 3
"""One or two bad requests are no burn, however few there were: with little traffic they come by chance."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests in some span of time, and how many of them were bad."""

    total: int
    bad: int

    def __post_init__(self) -> None:
        if not 0 <= self.bad <= self.total:
            raise ValueError(f"{self.bad} bad of {self.total} is impossible")

    @property
    def share_bad(self) -> float | None:
        return self.bad / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Condition:
    """Fires when the budget burns at `burn` or faster over the last `hours`."""

    name: str
    hours: float
    burn: float
    severity: str
    title: str = ""

    @property
    def window(self) -> timedelta:
        return timedelta(hours=self.hours)

    @property
    def just_now(self) -> timedelta:
        """The last twelfth: enough good requests in it and no bad one, and the burning is over."""
        return self.window / 12


class BurnState(StrEnum):
    BURNING = "burning"
    QUIET = "quiet"
    TOO_FEW = "too_few"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Burn:
    """How fast the budget went over one window; `rate` 1 spends it exactly, None where nothing came in."""

    condition: Condition
    counts: Counts
    rate: float | None
    state: BurnState
    says: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What a window allowed and what went wrong in it; `left` is 1 when untouched, below 0 when overspent."""

    counts: Counts
    allowed: float
    left: float | None
    says: str


def requests_needed(target: float, burn: float) -> int:
    """Return from how many requests on a burn of `burn` would show at least three bad ones."""
    return ceil(LEAST_BAD / min(1.0, (1 - target) * burn) - 1e-9)


def budget(target: float, counts: Counts) -> Budget:
    """Return what is left of the error budget. With fewer requests than one bad one is worth, it is not known."""
    _check(target)
    allowed = (1 - target) * counts.total
    if counts.total == 0:
        return Budget(counts, 0.0, None, "no request in the window")
    if allowed < 1 and counts.bad <= 1:
        needed = ceil(1 / (1 - target) - 1e-9)
        return Budget(
            counts,
            allowed,
            None,
            f"too few requests: {counts.total}, and one bad one takes {needed} to allow",
        )
    left = 1 - counts.bad / allowed
    return Budget(counts, allowed, left, f"{counts.bad} bad of {counts.total}; {allowed:.1f} are allowed")


def burn(target: float, condition: Condition, counts: Counts, just_now: Counts) -> Burn:
    """Judge one window: burning, quiet, too few requests to tell, or no data at all."""
    _check(target)
    share = counts.share_bad
    rate = None if share is None else share / (1 - target)
    state, says = _judged(target, condition, counts, just_now, rate)
    return Burn(condition, counts, rate, state, says)


def _judged(
    target: float, condition: Condition, counts: Counts, just_now: Counts, rate: float | None
) -> tuple[BurnState, str]:
    if rate is None:
        return BurnState.NO_DATA, "no request came in"
    needed = requests_needed(target, condition.burn)
    if counts.bad < LEAST_BAD and counts.total < needed:
        return BurnState.TOO_FEW, f"too few requests: {counts.total} of {needed}"
    said = f"{counts.bad} bad of {counts.total}: burn {rate:.1f}, the limit is {condition.burn:g}"
    if counts.bad < LEAST_BAD or rate < condition.burn - 1e-9:
        return BurnState.QUIET, said
    if just_now.bad == 0 and just_now.total * counts.bad >= LEAST_BAD * counts.total:
        return BurnState.QUIET, f"{said}, and nothing bad in the last {_words(condition.just_now)}"
    return BurnState.BURNING, said


def exhausted_in(left: float | None, rate: float | None, window: timedelta) -> timedelta | None:
    """Return when a budget is used up if it goes on burning like this; None when it does not shrink."""
    if left is None or rate is None or rate <= 1 or left <= 0:
        return None
    return window * left / rate


def sums(buckets: Mapping[int, Counts], since: int, until: int) -> Counts:
    """Add up the buckets whose start lies in [since, until); keys are seconds since 1970."""
    inside = [each for at, each in buckets.items() if since <= at < until]
    return Counts(sum(each.total for each in inside), sum(each.bad for each in inside))


def _check(target: float) -> None:
    if not 0 < target < 1:
        raise ValueError(f"an objective lies between 0 and 1, got {target}")


def _words(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes / 60:g} h"
