"""Cases: frozen rows out."""

from __future__ import annotations

from datetime import datetime

from companyos.work.cases.domain.types import CaseRow, CaseType, Severity
from companyos.work.cases.models import Case


def open_bugs(feature: str, severities: tuple[Severity, ...]) -> tuple[CaseRow, ...]:
    """Return the feature's open bugs of these severities over all tenants, oldest first."""
    rows = (
        Case.objects.across_tenants(because="a feature's squad sees its bugs in every tenant")
        .filter(type=CaseType.BUG, feature=feature, severity__in=severities, resolved_at=None)
        .order_by("opened_at", "id")
    )
    return tuple(_row(case) for case in rows)


def _row(c: Case) -> CaseRow:
    return CaseRow(
        str(c.id), c.tenant_id, c.number, Severity(c.severity), c.title, c.opened_at, c.resolved_at
    )


def every_open_bug(severities: tuple[Severity, ...]) -> dict[str, tuple[CaseRow, ...]]:
    """Return the open bugs of these severities of every feature, oldest first."""
    rows = (
        Case.objects.across_tenants(because="a feature's squad sees its bugs in every tenant")
        .filter(type=CaseType.BUG, severity__in=severities, resolved_at=None)
        .order_by("opened_at", "id")
    )
    found: dict[str, tuple[CaseRow, ...]] = {}
    for case in rows:
        found[case.feature] = (*found.get(case.feature, ()), _row(case))
    return found


def every_open_sev1() -> dict[str, list[str]]:
    """Return the open Sev1 bugs of every feature, as their labels with their titles."""
    rows = (
        Case.objects.across_tenants(because="a Sev1 holds a rollout in whatever tenant it was met")
        .filter(type=CaseType.BUG, severity=Severity.SEV1, resolved_at=None)
        .order_by("opened_at", "id")
    )
    found: dict[str, list[str]] = {}
    for case in rows:
        found.setdefault(case.feature, []).append(str(case))
    return found


def severe_bugs_opened(feature: str, since: datetime, until: datetime) -> tuple[datetime, ...]:
    """Return when the feature's Sev1 and Sev2 bugs were opened, in order."""
    rows = Case.objects.across_tenants(because="a feature's squad sees its bugs in every tenant").filter(
        type=CaseType.BUG,
        feature=feature,
        severity__in=(Severity.SEV1, Severity.SEV2),
        opened_at__gte=since,
        opened_at__lt=until,
    )
    return tuple(rows.order_by("opened_at", "id").values_list("opened_at", flat=True))
