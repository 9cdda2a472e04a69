"""What time brings to requests: reminders, escalation, time-outs. Written like any other act, and once."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from companyos.work.approvals.actions.acts import Overtaken, locked, write
from companyos.work.approvals.domain.due import acts_due
from companyos.work.approvals.domain.types import ActKind
from companyos.work.approvals.models import AskedNow, Request
from companyos.work.approvals.queries.one import situation_for


def look_at_clocks(*, now: datetime, limit: int = 100) -> int:
    """Remind, escalate and time out what is due; says how many requests it changed. Safe to call at any time."""
    due = Request.objects.across_tenants(because="time passes in every tenant").filter(look_at__lte=now)
    changed = 0
    for request in list(due.order_by("look_at").values_list("id", flat=True)[:limit]):
        changed += _let_time_act(str(request), now)
    return changed


def _let_time_act(request: str, now: datetime) -> bool:
    try:
        with transaction.atomic():
            row = locked(request)
            situation = situation_for(row, now)
            acts = acts_due(situation, now)
            if not acts:
                Request.objects.of(row.tenant_id).filter(pk=row.pk).update(look_at=None)
                return False
            write(row, situation, acts, now, "clock", None)
            steps = [act.step for act in acts if act.kind is ActKind.REMINDED]
            AskedNow.objects.of(row.tenant_id).filter(request=row, step__in=steps).update(told=False)
    except (Overtaken, IntegrityError):
        return False  # somebody answered, or another clock was first: it is looked at again at the next turn
    return True
