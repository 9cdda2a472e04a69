"""What waits for a person, and what they asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from companyos.work.approvals.models import AskedNow, Request

_MINE = "a person reads what they are asked and what they asked for, wherever it runs"
PAGE = 50


@dataclass(frozen=True, slots=True)
class RequestRow:
    id: str
    tenant: str
    number: int
    type: str
    title: str
    requester: str
    amount: Decimal | None
    status: str
    because: str
    path: str
    asked_at: datetime
    decided_at: datetime | None
    is_news: bool = False  # an outcome that who asked has not looked at


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One thing a person is asked."""

    request: RequestRow
    step: str
    why: str
    since: datetime
    due_at: datetime | None


def inbox(
    person: str, *, after: tuple[datetime, int] | None = None, limit: int = PAGE
) -> tuple[tuple[InboxRow, ...], tuple[datetime, int] | None]:
    """Return a page of what waits for a person, longest first, and where the next page begins."""
    rows = AskedNow.objects.across_tenants(because=_MINE).filter(person=person)
    if after is not None:
        since, last = after
        rows = rows.filter(since__gte=since).exclude(since=since, id__lte=last)
    found = list(rows.select_related("request").order_by("since", "id")[: limit + 1])
    shown = found[:limit]
    more = (shown[-1].since, shown[-1].id) if len(found) > limit else None
    return tuple(InboxRow(row_of(a.request), a.title, a.why, a.since, a.due_at) for a in shown), more


def waiting_for(person: str) -> int:
    """Count what waits for a person."""
    return AskedNow.objects.across_tenants(because=_MINE).filter(person=person).count()


def news_for(person: str) -> int:
    """Count the outcomes that a person has not looked at."""
    mine = Request.objects.across_tenants(because=_MINE).filter(requester=person)
    return mine.filter(unseen__isnull=False).count()


def mine(person: str, limit: int = PAGE) -> tuple[RequestRow, ...]:
    """Return what a person asked for, newest first."""
    rows = Request.objects.across_tenants(because=_MINE).filter(requester=person)
    return tuple(row_of(each) for each in rows.order_by("-asked_at")[:limit])


def row_of(row: Request) -> RequestRow:
    return RequestRow(
        str(row.id),
        row.tenant_id,
        row.number,
        row.type,
        row.title,
        row.requester,
        row.amount,
        row.status,
        row.because,
        row.path,
        row.asked_at,
        row.decided_at,
        row.unseen is not None,
    )
