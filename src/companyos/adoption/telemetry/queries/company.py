"""The whole company at a glance, from the sums by hour and day: no event is read. Days and hours are those of UTC.

Counts are exact. Distinct people are estimated to about 2 %, exactly while they are few; quantiles lie within 1 % of
the true value (3 % below 1 ms).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isnan

from companyos.adoption.telemetry.queries.connection import engine, milliseconds


@dataclass(frozen=True, slots=True)
class TenantFeature:
    """People with a task done, tasks, response time of done tasks in ms, and when anything last happened to a task."""

    tenant: str
    feature: str
    people: int
    started: int
    completed: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    last: datetime


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    people: int
    started: int
    completed: int
    failed: int
    events: int


@dataclass(frozen=True, slots=True)
class Hour:
    hour: datetime
    event: str
    events: int
    last: datetime


def overview(first_day: date, end_day: date) -> tuple[TenantFeature, ...]:
    """Every tenant and feature with tasks on the days before `end_day`."""
    rows = engine().rows("overview", first_day=first_day.isoformat(), end_day=end_day.isoformat())
    return tuple(
        TenantFeature(
            tenant,
            feature,
            int(people),
            int(started),
            int(completed),
            int(failed),
            _figure(levels, 0),
            _figure(levels, 1),
            last,
        )
        for tenant, feature, people, started, completed, failed, levels, last in rows
    )


def overview_by_day(first_day: date, end_day: date) -> tuple[Day, ...]:
    """The days on which anything happened, in order."""
    rows = engine().rows("overview_by_day", first_day=first_day.isoformat(), end_day=end_day.isoformat())
    return tuple(Day(day, *(int(each) for each in figures)) for day, *figures in rows)


def volume_by_hour(since: datetime, until: datetime) -> tuple[Hour, ...]:
    """Events of each name by hour, for whole hours from `since` to before `until`."""
    rows = engine().rows("volume_by_hour", since=milliseconds(since), until=milliseconds(until))
    return tuple(Hour(hour, event, int(n), last) for hour, event, n, last in rows)


def _figure(levels: Sequence[float | None], index: int) -> float | None:
    """None where nothing was measured: no task done, or done without a response time."""
    value = levels[index] if levels else None
    return None if value is None or isnan(value) else value
