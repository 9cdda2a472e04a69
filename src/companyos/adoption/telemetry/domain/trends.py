"""Are the same people getting on better than at first? (P5: against themselves, week 1 dropped)"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from companyos.kernel.stats.improvement import MIN_PEOPLE, MIN_TASKS, change_interval
from companyos.kernel.stats.interval import Interval

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PersonDay:
    """What one person did on one day. `log_seconds` has the log of the handling time of each task done."""

    person: str
    day: date
    begun: int
    done: int
    log_seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Mean change between the halves, a one-sided 90 % bound on either side; None for too few people."""

    change: Interval | None
    people: int


def completion_trend(days: Iterable[PersonDay], exposed_on: Mapping[str, date], today: date) -> Trend:
    """Return the change of the share of begun tasks that get done, as a share (0.03: three points)."""
    return _trend(days, exposed_on, today, _completion)


def time_trend(days: Iterable[PersonDay], exposed_on: Mapping[str, date], today: date) -> Trend:
    """Return the change of each person's log median of handling time (-0.1: about 10 % faster)."""
    return _trend(days, exposed_on, today, log_median)


def log_median(days: Iterable[PersonDay]) -> float | None:
    """Return the median of the logs of handling time over all tasks done; None when none is done."""
    logs = [each for day in days for each in day.log_seconds]
    return median(logs) if logs else None


def _completion(days: Sequence[PersonDay]) -> float:
    return sum(day.done for day in days) / sum(day.begun for day in days)


def _trend(
    days: Iterable[PersonDay],
    exposed_on: Mapping[str, date],
    today: date,
    measure: Callable[[Sequence[PersonDay]], float | None],
) -> Trend:
    by_person: dict[str, list[PersonDay]] = defaultdict(list)
    for each in days:
        by_person[each.person].append(each)
    changes = []
    for person in sorted(by_person.keys() & exposed_on.keys()):
        halves = _halves(by_person[person], exposed_on[person] + _WEEK, today)
        if min(map(_tasks, halves)) >= MIN_TASKS:
            first, last = map(measure, halves)
            if first is not None and last is not None:
                changes.append(last - first)
    return Trend(change_interval(changes) if len(changes) >= MIN_PEOPLE else None, len(changes))


def _halves(days: Sequence[PersonDay], start: date, today: date) -> tuple[list[PersonDay], list[PersonDay]]:
    middle = start + (today - start) / 2
    first = [each for each in days if start <= each.day < middle]
    return first, [each for each in days if each.day >= max(start, middle)]


def _tasks(days: Sequence[PersonDay]) -> int:
    return sum(day.begun for day in days)
