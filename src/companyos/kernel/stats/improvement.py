"""Whether the same people get on better than at first (P5), or are at target and hold it.

Each person is compared with themselves: the last half of the time since their first exposure against the first half,
week 1 dropped. "Significantly better" would pass half of the true improvements; so a gate asks for no loss instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from companyos.kernel.stats.finding import Answer, Finding
from companyos.kernel.stats.interval import Interval
from companyos.kernel.stats.paired import paired_interval

MIN_PEOPLE = 8
MIN_TASKS = 10  # of each person in each half
COMPLETION_MARGIN = 0.05  # five points
TIME_MARGIN = 0.10  # ten per cent, as a log


def change_interval(changes: Sequence[float]) -> Interval:
    """Return the mean change with Student's interval, each end of which is a one-sided 90 % bound.

    People who all changed alike leave nothing to be unsure about. Raises ValueError without a change.
    """
    if len(set(changes)) > 1:
        return paired_interval(changes, 0.8)
    mean = fmean(changes)
    return Interval(mean, mean, mean)


def judge_change(interval: Interval, *, people: int, margin: float, at_target: bool, unit: str) -> Finding:
    """Judge a mean change (more is better) whose ends are one-sided 90 % bounds; `margin` is a share.

    At target, a loss that is certain and smaller than the margin still holds: asked every day, chance alone shows one.
    """
    because = (
        f"{100 * interval.value:+.0f} {unit} ({100 * interval.low:+.0f} to {100 * interval.high:+.0f}),"
        f" {people} people"
    )
    if interval.low > -margin and (interval.value >= 0 or at_target):
        return Finding(Answer.PASSED, because + ("" if interval.value >= 0 else "; at target and holding"))
    if interval.high < 0:
        return Finding(Answer.FAILED, because)
    return Finding(Answer.NOT_ENOUGH, because)
