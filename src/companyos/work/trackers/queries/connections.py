"""What is connected, how the last messages went, and where a case and its issue disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.people.tenants import queries as tenants
from companyos.work.trackers.models import Connection, Delivery, FieldChange, Issue

SHOWN = 30


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    id: str
    tenant: str
    squad: str
    kind: str
    account: str
    repository: str
    takes_issues: bool
    by: str
    at: datetime
    issues: int
    waiting: int
    failing: int
    last_heard: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    at: datetime
    about: str
    outcome: str
    is_fine: bool


@dataclass(frozen=True, slots=True)
class IssueRow:
    number: int
    case: str
    remote: str
    url: str
    problem: str
    attempts: int
    try_at: datetime | None
    synced_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    remote: str
    field: str
    value: str
    side: str
    by: str
    at: datetime
    wins: bool
    because: str


def connections(viewer: str) -> tuple[ConnectionRow, ...]:
    """Return what is connected in the tenants of a person."""
    return tuple(
        _row(each)
        for tenant in tenants.of_member(viewer)
        for each in Connection.objects.of(tenant).filter(ended_at=None).order_by("squad", "repository")
    )


def connection(viewer: str, number: str) -> ConnectionRow | None:
    return next((each for each in connections(viewer) if each.id == number), None)


def deliveries(row: ConnectionRow) -> tuple[DeliveryRow, ...]:
    found = Delivery.objects.of(row.tenant).filter(connection=row.id).order_by("-id")[:SHOWN]
    return tuple(DeliveryRow(each.at, each.about, each.outcome, each.is_fine) for each in found)


def issues(row: ConnectionRow) -> tuple[IssueRow, ...]:
    """Return its issues, those with a problem first."""
    found = Issue.objects.of(row.tenant).filter(connection=row.id).order_by("-problem", "-id")[:SHOWN]
    return tuple(
        IssueRow(i.pk, str(i.case), i.remote, i.url, i.problem, i.attempts, i.try_at, i.synced_at)
        for i in found
    )


def changes_of(row: ConnectionRow) -> tuple[ChangeRow, ...]:
    """Return the last fields that were changed on either side, with which of them holds and why."""
    found = FieldChange.objects.of(row.tenant).filter(issue__connection=row.id).select_related("issue")
    return tuple(
        ChangeRow(c.issue.remote, c.field, c.value, c.side, c.by, c.at, c.wins, c.because)
        for c in found.order_by("-id")[:SHOWN]
    )


def _row(each: Connection) -> ConnectionRow:
    mine = Issue.objects.of(each.tenant_id).filter(connection=each)
    heard = (
        Delivery.objects.of(each.tenant_id)
        .filter(connection=each)
        .order_by("-id")
        .values_list("at", flat=True)
    )
    return ConnectionRow(
        str(each.pk), each.tenant_id, each.squad, each.kind, each.account, each.repository, each.takes_issues,
        each.by, each.at, mine.count(), mine.filter(try_at__isnull=False).count(), mine.exclude(problem="").count(),
        heard.first(),
    )  # fmt: skip
