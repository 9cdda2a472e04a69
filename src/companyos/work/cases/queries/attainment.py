"""How promises were kept (R86), how long a report waits for its fix (R5), where changes come from (R6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Q

from companyos.work.cases.domain.clocks import ClockState, readings
from companyos.work.cases.models import Case, ShippedChange
from companyos.work.cases.queries.calendars import calendar_of_squad, calendars
from companyos.work.cases.queries.definitions import definition_of
from companyos.work.cases.queries.log import clock_events

_Row = TypeVar("_Row", "ClockOutcome", "FixTime")
_COUNTS = "figures over every tenant; small ones are told apart by whoever shows them"


@dataclass(frozen=True, slots=True)
class ClockOutcome:
    """A clock that was kept or missed in the period; one that runs over its limit is missed at that moment."""

    case: str
    label: str
    tenant: str
    squad: str
    feature: str
    clock: str
    kept: bool
    at: datetime
    elapsed: timedelta


@dataclass(frozen=True, slots=True)
class FixTime:
    """How long a reporter waited for a release, in elapsed and in working time."""

    case: str
    tenant: str
    feature: str
    hours: float
    working_hours: float


def outcomes(since: datetime, until: datetime, feature: str = "") -> tuple[ClockOutcome, ...]:
    """Return every clock that was kept or missed from `since` up to `until`, judged as of `until`."""
    rows = Case.objects.across_tenants(because=_COUNTS).filter(opened_at__lte=until)
    rows = rows.filter(Q(resolved_at=None) | Q(resolved_at__gte=since) | Q(triaged_at__gte=since))
    cases = {row.pk: row for row in (rows.filter(feature=feature) if feature else rows)}
    own, found = calendars(), []
    for pk, log in clock_events(cases).items():
        row = cases[pk]
        calendar = own.get(row.squad) or calendar_of_squad("")
        events = tuple(event for event in log if event.at <= until)
        for r in readings(definition_of(row.type, row.type_version).clocks, events, calendar, until):
            at = r.ended or r.due_at
            if r.state in _JUDGED and at is not None and since <= at <= until:
                found.append(
                    ClockOutcome(str(pk), f"{row.tenant_id}-{row.number}", row.tenant_id, row.squad, row.feature,
                                 r.clock, r.state is ClockState.KEPT, at, r.elapsed)
                )  # fmt: skip
    return tuple(found)


_JUDGED = frozenset({ClockState.KEPT, ClockState.MISSED, ClockState.BREACHED})


def fix_times(since: datetime, until: datetime, feature: str = "") -> tuple[tuple[FixTime, ...], int]:
    """Return how long each report took that reached its reporter in the period, and how many reports still wait."""
    every = Case.objects.across_tenants(because=_COUNTS)
    every = every.filter(feature=feature) if feature else every
    released = every.filter(released_at__gte=since, released_at__lte=until)
    waiting = every.filter(
        opened_at__lte=until, released_at=None, phase__in=_ON_THE_WAY, merged_into=""
    ).count()
    own, company = calendars(), calendar_of_squad("")
    times = []
    for row in released:
        worked = own.get(row.squad, company).working_time_between(row.opened_at, row.released_at)
        waited = (row.released_at - row.opened_at).total_seconds() / 3600
        times.append(FixTime(str(row.pk), row.tenant_id, row.feature, waited, worked.total_seconds() / 3600))
    return tuple(times), waiting


_ON_THE_WAY = ("new", "accepted", "planned", "working", "done")


def origins(since: datetime, until: datetime, feature: str = "") -> dict[str, int]:
    """Count the changes that shipped in the period by where they came from."""
    rows = ShippedChange.objects.filter(at__gte=since, at__lte=until)
    found: dict[str, int] = defaultdict(int)
    for origin in (rows.filter(feature=feature) if feature else rows).values_list("origin", flat=True):
        found[origin] += 1
    return dict(found)


def by_tenant(rows: Iterable[_Row]) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.tenant].append(row)
    return dict(found)
