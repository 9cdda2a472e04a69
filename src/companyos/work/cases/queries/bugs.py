"""Severe bugs, for gates and boards. A bug that another carries counts once, there."""

from __future__ import annotations

from datetime import datetime

from companyos.work.cases.domain.types import CaseRow, CaseType, Severity
from companyos.work.cases.models import Case
from companyos.work.cases.queries.rows import row_of


def open_bugs(feature: str, severities: tuple[Severity, ...]) -> tuple[CaseRow, ...]:
    """Return the feature's open bugs of these severities over all tenants, oldest first."""
    rows = (
        Case.objects.across_tenants(because="a feature's squad sees its bugs in every tenant")
        .filter(type=CaseType.BUG, feature=feature, severity__in=severities, resolved_at=None, merged_into="")
        .order_by("opened_at", "id")
    )
    return tuple(row_of(case) for case in rows)


def every_open_bug(severities: tuple[Severity, ...]) -> dict[str, tuple[CaseRow, ...]]:
    """Return the open bugs of these severities of every feature, oldest first."""
    rows = (
        Case.objects.across_tenants(because="a feature's squad sees its bugs in every tenant")
        .filter(type=CaseType.BUG, severity__in=severities, resolved_at=None, merged_into="")
        .order_by("opened_at", "id")
    )
    found: dict[str, tuple[CaseRow, ...]] = {}
    for case in rows:
        found[case.feature] = (*found.get(case.feature, ()), row_of(case))
    return found


def every_open_sev1() -> dict[str, list[str]]:
    """Return the open Sev1 bugs of every feature, as their labels with their titles."""
    rows = (
        Case.objects.across_tenants(because="a Sev1 holds a rollout in whatever tenant it was met")
        .filter(type=CaseType.BUG, severity=Severity.SEV1, resolved_at=None, merged_into="")
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
        merged_into="",
        severity__in=(Severity.SEV1, Severity.SEV2),
        opened_at__gte=since,
        opened_at__lt=until,
    )
    return tuple(rows.order_by("opened_at", "id").values_list("opened_at", flat=True))
