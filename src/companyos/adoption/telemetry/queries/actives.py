"""Active people by week and day, and who comes back.

A period that the span covers only in part is marked incomplete.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from companyos.adoption.telemetry.queries.connection import Events, engine

KEY_TASK = ("task_completed",)
MOST_WEEKS = 64
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Active:
    """Distinct people in one period that starts on `start`."""

    start: date
    people: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Return:
    """Of `of` people who came first in the week of `cohort`, `people` came `later` weeks after."""

    cohort: date
    later: int
    people: int
    of: int
    complete: bool


def weekly_actives(
    span: Events, zone: ZoneInfo, *, events: tuple[str, ...] = KEY_TASK, path: str = ""
) -> tuple[Active, ...]:
    """Every week from Monday that the span touches, those with nobody too."""
    first = _monday(span.since, zone)
    return _actives("actives_by_week", span, zone, first, _WEEK, events, path)


def daily_actives(
    span: Events, zone: ZoneInfo, *, events: tuple[str, ...] = KEY_TASK, path: str = ""
) -> tuple[Active, ...]:
    first = span.since.astimezone(zone).date()
    return _actives("actives_by_day", span, zone, first, _DAY, events, path)


def weekly_retention(
    span: Events, zone: ZoneInfo, *, events: tuple[str, ...] = KEY_TASK, path: str = ""
) -> tuple[Return, ...]:
    """A triangle: for each week of the span, the people who came first then, and how many came in each later week.

    People who came before the first week of the span are no cohort of it.
    """
    first = _monday(span.since, zone)
    weeks = len(_starts(first, _WEEK, span, zone))
    if weeks > MOST_WEEKS:
        raise ValueError(f"retention is asked about {MOST_WEEKS} weeks at most; this span has {weeks}")
    rows = engine().rows(
        "retention",
        **_of_all_time(span),
        zone=zone.key,
        monday=first.isoformat(),
        events=list(events),
        path=path,
    )
    came = {(int(cohort), int(later)): int(people) for cohort, later, people in rows}
    return tuple(
        Return(
            first + cohort * _WEEK,
            later,
            came.get((cohort, later), 0),
            came.get((cohort, 0), 0),
            _is_over(first + (cohort + later) * _WEEK, _WEEK, span, zone),
        )
        for cohort in range(weeks)
        for later in range(weeks - cohort)
    )


def _of_all_time(span: Events) -> dict[str, Any]:
    return {name: value for name, value in span.parameters().items() if name != "since"}


def _actives(
    query: str,
    span: Events,
    zone: ZoneInfo,
    first: date,
    step: timedelta,
    events: tuple[str, ...],
    path: str,
) -> tuple[Active, ...]:
    rows = engine().rows(query, **span.parameters(), zone=zone.key, events=list(events), path=path)
    people = {start: int(n) for start, n in rows}
    return tuple(
        Active(
            start,
            people.get(start, 0),
            _midnight(start, zone) >= span.since and _is_over(start, step, span, zone),
        )
        for start in _starts(first, step, span, zone)
    )


def _starts(first: date, step: timedelta, span: Events, zone: ZoneInfo) -> list[date]:
    starts = [first]
    while _midnight(starts[-1] + step, zone) < span.until:
        starts.append(starts[-1] + step)
    return starts


def _is_over(start: date, step: timedelta, span: Events, zone: ZoneInfo) -> bool:
    return _midnight(start + step, zone) <= span.until


def _monday(moment: datetime, zone: ZoneInfo) -> date:
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)
