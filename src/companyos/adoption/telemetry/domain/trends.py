"""Are the same people getting on better than at first? (P5: against themselves, week 1 dropped)"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from companyos.kernel.stats.improvement import MIN_PEOPLE, MIN_TASKS
from companyos.kernel.stats.interval import Interval
from companyos.kernel.stats.paired import paired_interval

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PersonDay:
    person: str
    day: date
    begun: int
    done: int
    log_seconds: float  # sum over the tasks done


@dataclass(frozen=True, slots=True)
class Trend:
    """Mean change from the first to the last half, with a 90 % one-sided interval on either side."""

    change: Interval | None
    people: int


def completion_trend(days: Sequence[PersonDay], exposed_on: Mapping[str, date], today: date) -> Trend:
    """Return the change of the share of begun tasks that get done, as a share (0.03: three points)."""
    return _trend(
        days, exposed_on, today, lambda half: sum(d.done for d in half) / sum(d.begun for d in half)
    )


def time_trend(days: Sequence[PersonDay], exposed_on: Mapping[str, date], today: date) -> Trend:
    """Return the change of the log of handling time (-0.1: about 10 % faster)."""
    return _trend(
        days,
        exposed_on,
        today,
        lambda half: sum(d.log_seconds for d in half) / max(1, sum(d.done for d in half)),
    )


def _trend(days, exposed_on, today, measure) -> Trend:  # type: ignore[no-untyped-def]
    by_person: dict[str, list[PersonDay]] = defaultdict(list)
    for each in days:
        by_person[each.person].append(each)
    changes = []
    for person in sorted(by_person.keys() & exposed_on.keys()):
        first, last = _halves(by_person[person], exposed_on[person] + _WEEK, today)
        if min(_tasks(first), _tasks(last)) >= MIN_TASKS:
            changes.append(measure(last) - measure(first))
    if len(changes) < MIN_PEOPLE or fmean(map(abs, changes)) == 0:
        return Trend(None, len(changes))
    return Trend(paired_interval(changes, 0.8), len(changes))


def _halves(days: list[PersonDay], start: date, today: date) -> tuple[list[PersonDay], list[PersonDay]]:
    middle = start + (today - start) / 2
    first = [each for each in days if start <= each.day < middle]
    return first, [each for each in days if each.day >= max(start, middle)]


def _tasks(days: list[PersonDay]) -> int:
    return sum(each.begun for each in days)
