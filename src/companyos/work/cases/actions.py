"""The only writers of cases."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from companyos.kernel.ids import id_of
from companyos.platform import outbox
from companyos.work.cases.domain.types import CaseRow, CaseType, Severity
from companyos.work.cases.models import Case


class NoSuchCase(Exception):
    """The case does not exist, or not for this person."""


def report_bug(
    *, actor: str, tenant: str, feature: str, severity: Severity, title: str, body: str, now: datetime
) -> CaseRow:
    """Open a bug. Its fix clock (R140) starts now, because its severity is set now."""
    with transaction.atomic():
        number = (Case.objects.of(tenant).aggregate(top=Max("number"))["top"] or 0) + 1
        case = Case(
            id=id_of(now, "case", tenant, number),
            tenant_id=tenant,
            number=number,
            type=CaseType.BUG,
            feature=feature,
            severity=severity,
            title=title,
            body=body,
            reporter_id=actor,
            opened_at=now,
        )
        case.save(force_insert=True)
        outbox.publish("case.opened", {"case": str(case.id), "feature": feature}, at=now)
    return CaseRow(str(case.id), tenant, number, severity, title, now, None)


def resolve(*, actor: str, case_id: str, resolution: str, now: datetime) -> None:
    """Close a case with what was done. Raises NoSuchCase; closing twice keeps the first closing."""
    every = Case.objects.across_tenants(because="the id is not guessable work; the API checked the actor")
    case = every.filter(pk=case_id).first()
    if case is None:
        raise NoSuchCase("There is no such case.")
    with transaction.atomic():
        closed = every.filter(pk=case_id, resolved_at=None).update(
            resolved_at=now, resolved_by_id=actor, resolution=resolution
        )
        if closed:
            outbox.publish("case.resolved", {"case": case_id, "feature": case.feature}, at=now)
