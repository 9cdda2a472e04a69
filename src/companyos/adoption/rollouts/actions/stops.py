"""Stopping more than one rollout: a freeze for a time, and the emergency stop."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.adoption.rollouts.actions.move import move
from companyos.adoption.rollouts.actions.plans import may_act
from companyos.adoption.rollouts.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.rollouts.actions.step import Judged
from companyos.adoption.rollouts.domain.decide import Decision
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.replay import BY_A_PERSON
from companyos.adoption.rollouts.domain.types import Move, Status
from companyos.adoption.rollouts.models import Freeze, Rollout
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.ids import id_of
from companyos.platform import outbox


def freeze(*, actor: str, because: str, since: datetime, until: datetime, now: datetime) -> str:
    """Switch nothing new on between two moments; returns the freeze's id. Taking back stays possible."""
    _need_a_lead(actor)
    if not because.strip():
        raise Refused("Say why: a reason is kept with every freeze.")
    if until <= max(since, now):
        raise Refused("A freeze ends after it begins, and after now.")
    freeze_id = id_of(now, "freeze", actor, since.isoformat(), until.isoformat())
    with transaction.atomic():
        Freeze.objects.create(id=freeze_id, since=since, until=until, because=because.strip(), by=actor)
        outbox.publish("rollouts.frozen", {"freeze": str(freeze_id), "until": until.isoformat()}, at=now)
    return str(freeze_id)


def lift_freeze(*, actor: str, freeze_id: str, now: datetime) -> None:
    """End a freeze before its time. Raises Refused when it does not hold any more."""
    _need_a_lead(actor)
    held = Freeze.objects.filter(pk=freeze_id, lifted_at=None, until__gt=now)
    with transaction.atomic():
        if not held.update(lifted_at=now, lifted_by=actor):
            raise NoSuch("No such freeze holds now.")
        outbox.publish("rollouts.thawed", {"freeze": freeze_id}, at=now)


def stop_all(*, actor: str, because: str, calendar: WorkingCalendar, now: datetime) -> tuple[str, ...]:
    """Pause every rollout that is active; returns which. A person resumes each on its own."""
    _need_a_lead(actor)
    if not because.strip():
        raise Refused("Say why: a reason is kept with every move.")
    decision = Decision(Move.PAUSE, f"emergency stop: {because.strip()}", BY_A_PERSON)
    with transaction.atomic():
        active = list(Rollout.objects.select_for_update().filter(status=Status.ACTIVE).order_by("plan"))
        for row in active:
            move(
                actor=actor,
                plan=row.plan,
                decision=decision,
                version=row.version,
                judged=Judged(),
                calendar=calendar,
                now=now,
            )
    return tuple(row.plan for row in active)


def _need_a_lead(actor: str) -> None:
    """Anybody who may move some rollout may stop them all: stopping is never the greater risk."""
    plans = (Plan.from_document(row) for row in Rollout.objects.values_list("document", flat=True))
    if not any(may_act(actor, plan) for plan in plans):
        raise NotYours("Only leads and role holders of a plan may stop or freeze rollouts.")
