"""Cases: frozen rows out."""

from __future__ import annotations

from companyos.work.cases.domain.types import CaseRow, CaseType, Severity
from companyos.work.cases.models import Case


def open_bugs(feature: str, severities: tuple[Severity, ...]) -> tuple[CaseRow, ...]:
    """Return the feature's open bugs of these severities over all tenants, oldest first."""
    rows = (
        Case.objects.across_tenants(because="a feature's squad sees its bugs in every tenant")
        .filter(type=CaseType.BUG, feature=feature, severity__in=severities, resolved_at=None)
        .order_by("opened_at", "id")
    )
    return tuple(
        CaseRow(str(c.id), c.tenant_id, c.number, Severity(c.severity), c.title, c.opened_at, c.resolved_at)
        for c in rows
    )
