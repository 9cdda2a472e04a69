"""A report as it reads now, for rooms above that act on no person's behalf."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.work.cases.domain.types import EventKind, LinkKind, Phase
from companyos.work.cases.models import Case, CaseEvent, Link, Notice
from companyos.work.cases.queries.log import history
from companyos.work.cases.queries.one import find
from companyos.work.cases.queries.people import may_read

_BECAUSE = "triage reads every tenant's reports; what it says is shown to those who may read the case"
_COUNTS = "counted over every tenant by team; no words leave"
_SETTLES = (
    EventKind.TRIAGED,
    EventKind.PLAN_ACCEPTED,
    EventKind.MOVED,
    EventKind.RESOLVED,
    EventKind.RELEASED,
)
_SAYS_SOMETHING = 10  # characters


@dataclass(frozen=True, slots=True)
class ReportText:
    """The words of a report, what it is taken for, and who accepted it last (empty: nobody has)."""

    tenant: str
    reporter: str
    title: str
    body: str
    feature: str
    type: str
    severity: str
    squad: str
    triaged_by: str
    opened_at: datetime
    label: str  # as corporate-12


def reports_of(names: Collection[str]) -> tuple[str, ...]:
    """Return the cases that a person reported, under any of these names."""
    rows = Case.objects.across_tenants(because=_BECAUSE).filter(reporter_id__in=list(names))
    return tuple(str(key) for key in rows.values_list("pk", flat=True))


def report_text(case: str) -> ReportText | None:
    """Return a report by the id of its case; None when there is none."""
    row = Case.objects.across_tenants(because=_BECAUSE).filter(pk=case).first()
    if row is None:
        return None
    triaged = CaseEvent.objects.of(row.tenant_id).filter(case=row, kind=EventKind.TRIAGED)
    by = triaged.order_by("-n").values_list("by", flat=True).first() or ""
    return ReportText(
        row.tenant_id,
        row.reporter_id,
        row.title,
        row.body,
        row.feature,
        row.type,
        row.severity,
        row.squad,
        by,
        row.opened_at,
        f"{row.tenant_id}-{row.number}",
    )


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice with what a mail about it needs. `case` is the reader's own case: theirs, where it was merged."""

    person: str
    case: str
    label: str
    tenant: str
    title: str
    says: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """A case in words that leave the house: no text of anybody but its title."""

    told: dict[str, Any]
    moments: tuple[datetime, ...]

    def at_event(self, n: int) -> str:
        """Say when its n-th event was."""
        return self.moments[min(n, len(self.moments)) - 1].isoformat()


def notices_of(case: str, n: int) -> tuple[NoticeText, ...]:
    """Return what people were told about the n-th event of a case."""
    rows = Notice.objects.across_tenants(because=_BECAUSE).filter(source=case, n=n).select_related("case")
    return tuple(
        NoticeText(
            row.person, str(row.case_id), f"{row.tenant_id}-{row.case.number}", row.tenant_id, row.case.title,
            row.says, row.case.phase == Phase.CLOSED,
        )
        for row in rows.order_by("id")
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReportStanding:
    """How a report on a feature stands, for counting: none of its words. `settled_by` moved it last, if anybody did."""

    label: str
    reporter: str
    type: str
    squad: str
    opened_at: datetime
    phase: Phase
    is_duplicate: bool
    filled: frozenset[str]  # the fields of its form that say something
    settled_by: str


def reports_about(
    feature: str,
    *,
    by: Collection[str],
    types: Collection[str],
    tenants: Collection[str],
    since: datetime,
    until: datetime,
) -> tuple[ReportStanding, ...]:
    """Return what these people reported on a feature in a time, the oldest first."""
    rows = Case.objects.across_tenants(because=_COUNTS).filter(
        feature=feature, reporter_id__in=list(by), type__in=list(types), tenant_id__in=list(tenants),
        opened_at__gte=since, opened_at__lt=until,
    )  # fmt: skip
    rows = rows.order_by("opened_at", "id")
    keys = [row.pk for row in rows]
    moved = CaseEvent.objects.across_tenants(because=_COUNTS).filter(case_id__in=keys, kind__in=_SETTLES)
    settled = dict(moved.order_by("n").values_list("case_id", "by"))
    links = Link.objects.across_tenants(because=_COUNTS).filter(case_id__in=keys, ended_at=None)
    doubled = set(links.filter(kind=LinkKind.DUPLICATE_OF).values_list("case_id", flat=True))
    return tuple(
        ReportStanding(
            f"{row.tenant_id}-{row.number}", row.reporter_id, row.type, row.squad, row.opened_at, Phase(row.phase),
            bool(row.merged_into) or row.pk in doubled,
            frozenset(name for name, said in row.fields.items() if len(str(said).strip()) >= _SAYS_SOMETHING),
            settled.get(row.pk, ""),
        )
        for row in rows
    )  # fmt: skip


def label_of(case: str) -> str:
    row = Case.objects.across_tenants(because=_BECAUSE).get(pk=case)
    return f"{row.tenant_id}-{row.number}"


def may_be_read(case: str, person: str) -> bool:
    """Tell whether somebody may read a case; of one that is not there, no."""
    row = find(case)
    return row is not None and may_read(row, person)


def summary(case: str) -> Summary:
    row = Case.objects.across_tenants(because=_BECAUSE).get(pk=case)
    told = {
        "id": str(row.pk), "label": f"{row.tenant_id}-{row.number}", "tenant": row.tenant_id, "type": row.type,
        "title": row.title, "feature": row.feature, "status": row.status, "phase": row.phase,
        "severity": row.severity, "squad": row.squad,
    }  # fmt: skip
    return Summary(told, tuple(event.at for _, event in history(row)))


def fixed_at(case: str) -> datetime | None:
    """Return when a report was fixed, or the one that carries it; None while it is not, or when it was declined."""
    every = Case.objects.across_tenants(because=_BECAUSE)
    row = every.filter(pk=case).first()
    while row is not None and row.merged_into:
        row = every.filter(pk=row.merged_into).first()
    fixed = row is not None and row.phase in {Phase.DONE, Phase.RELEASED}
    return row.resolved_at if row is not None and fixed else None
