"""A case as other rooms see it."""

from __future__ import annotations

from companyos.work.cases.domain.types import CaseRow, Severity
from companyos.work.cases.models import Case


def row_of(c: Case) -> CaseRow:
    return CaseRow(
        str(c.pk), c.tenant_id, c.number, Severity(c.severity), c.title, c.opened_at, c.resolved_at
    )
