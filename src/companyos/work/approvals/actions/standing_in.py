"""Standing in: whom a person lets answer for them, and when they are away."""

from __future__ import annotations

from datetime import datetime

from companyos.work.approvals.actions.refusals import Refused
from companyos.work.approvals.models import StandIn
from companyos.work.approvals.queries.organisation import forget_organisation, organisation


def stand_in(
    *, actor: str, to: str, since: datetime, until: datetime, because: str = "", now: datetime
) -> int:
    """Let `to` answer for the actor, or with an empty `to` say that they are away. A newer one replaces it."""
    if until <= since or until <= now:
        raise Refused("It ends before it begins. Give a later end.")
    if to and (to == actor or to not in organisation(now).people):
        raise Refused("Name a colleague who answers for you.")
    earlier = StandIn.objects.filter(person=actor, ended_at=None)
    (earlier.exclude(to="") if to else earlier.filter(to="")).update(ended_at=now)
    row = StandIn.objects.create(person=actor, to=to, since=since, until=until, because=because[:200])
    forget_organisation()
    return row.pk


def end_stand_in(*, actor: str, number: int, now: datetime) -> None:
    """End a delegation or an absence early."""
    StandIn.objects.filter(pk=number, person=actor, ended_at=None).update(ended_at=now)
    forget_organisation()
