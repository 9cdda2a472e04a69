"""What of the catalogue really arrives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.adoption.telemetry.domain.catalogue import BothEnds, Catalogue
from companyos.adoption.telemetry.queries.connection import engine, milliseconds

LOOKS_BACK, REFUSED_LOOKS_BACK = timedelta(days=90), timedelta(days=30)
SCREENS_LOOKS_BACK, MOST_SCREENS = timedelta(days=30), 1000


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event as it came from a tenant for a feature."""

    event: str
    tenant: str
    feature: str
    events: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """Events put aside for one reason; what a sender wrote is not in it. No tenant: none could be read."""

    tenant: str
    reason: str
    events: int
    first: datetime
    last: datetime


def refused_seen(now: datetime) -> tuple[Refused, ...]:
    """Return what was put aside in the last 30 days, the most frequent first."""
    since = now - REFUSED_LOOKS_BACK
    rows = engine().rows(
        "refused_seen", since=milliseconds(since), until=milliseconds(now + timedelta(days=1))
    )
    return tuple(Refused(tenant, why, int(n), first, last) for tenant, why, n, first, last in rows)


def events_seen(now: datetime) -> tuple[EventSeen, ...]:
    """Return what came in the last 90 days, known to the catalogue or not."""
    rows = engine().rows("events_seen", first_day=(now - LOOKS_BACK).date().isoformat())
    return tuple(EventSeen(event, tenant, feature, int(n), last) for event, tenant, feature, n, last in rows)


@dataclass(frozen=True, slots=True)
class ScreenSeen:
    """A screen as pages and apps told of it. No feature: the event named none."""

    feature: str
    screen: str
    views: int
    last: datetime


def screens_seen(now: datetime) -> tuple[ScreenSeen, ...]:
    """Return the screens that people saw in the last 30 days, the most seen first, at most a thousand."""
    since = milliseconds(now - SCREENS_LOOKS_BACK)
    rows = engine().rows(
        "screens_seen", since=since, until=milliseconds(now + timedelta(days=1)), most=MOST_SCREENS
    )
    return tuple(ScreenSeen(feature, screen[:200], int(views), last) for feature, screen, views, last in rows)


def last_seen(rows: tuple[EventSeen, ...], feature: str) -> Mapping[tuple[str, str], datetime]:
    """Return when each (event, tenant) of a feature was last seen; events that name no feature count for each."""
    found: dict[tuple[str, str], datetime] = {}
    for row in rows:
        if row.feature in {"", feature}:
            key = (row.event, row.tenant)
            found[key] = max(row.last, found.get(key, row.last))
    return found


def case_ends(
    catalogue: Catalogue, *, feature: str, tenants: tuple[str, ...], now: datetime
) -> tuple[BothEnds, ...]:
    """Count the cases of the last 90 days that should be over, and those with both a start and an end.

    Starts are looked for another 90 days back, so that a long case does not look as if it never began.
    """
    settled = now - timedelta(days=catalogue.cases.settled_after_days)
    rows = engine().rows(
        "case_ends",
        feature=feature,
        tenants=list(tenants),
        starts=catalogue.cases.starts,
        ends=catalogue.cases.ends,
        since=milliseconds(now - 2 * LOOKS_BACK),
        old=milliseconds(now - LOOKS_BACK),
        settled=milliseconds(settled),
        until=milliseconds(now),
    )
    return tuple(BothEnds(tenant, int(both), int(n)) for tenant, both, n in rows)
