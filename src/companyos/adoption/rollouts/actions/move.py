"""A move is one transaction: compare-and-swap on the rollout's version, the stage, the flag's cohort, the decision with
its evidence, and the message to everybody who listens. What it changes is decided in `domain/moves.py`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.adoption.rollouts.actions.agreements import agreed_to
from companyos.adoption.rollouts.actions.plans import may_act
from companyos.adoption.rollouts.actions.record import record
from companyos.adoption.rollouts.actions.refusals import NotYours, Overtaken, Refused
from companyos.adoption.rollouts.actions.step import Judged, Step
from companyos.adoption.rollouts.domain.agreements import agreement_for
from companyos.adoption.rollouts.domain.by_hand import why_not
from companyos.adoption.rollouts.domain.decide import Decision
from companyos.adoption.rollouts.domain.plan import Plan, Reach
from companyos.adoption.rollouts.domain.replay import BY_A_PERSON
from companyos.adoption.rollouts.domain.types import Move
from companyos.adoption.rollouts.models import (
    Rollout,
)
from companyos.adoption.rollouts.queries.situation import situation_of
from companyos.kernel.business_time import WorkingCalendar
from companyos.people.identity import queries as identity
from companyos.work.approvals import actions as approvals
from companyos.work.approvals.queries import RequestAbout


def move(
    *,
    actor: str,
    plan: str,
    decision: Decision,
    version: int,
    judged: Judged,
    calendar: WorkingCalendar,
    now: datetime,
    reach: Reach | None = None,
) -> str:
    """Carry out one decision and return its id. Raises Overtaken when the rollout has moved since `version`."""
    with transaction.atomic():
        rollout = Rollout.objects.select_for_update().get(pk=plan)
        if rollout.version != version:
            raise Overtaken(
                f"The rollout has moved since (version {rollout.version}, not {version}). Look again."
            )
        step = Step(
            actor, rollout, Plan.from_document(rollout.document), decision, judged, calendar, now, reach
        )
        changes = step.changes()
        swapped = Rollout.objects.filter(pk=plan, version=version).update(version=version + 1, **changes)
        if swapped != 1:
            raise Overtaken("Somebody else moved the rollout at the same moment. Look again.")
        return record(step, version + 1)


def person_moves(
    *,
    actor: str,
    plan: str,
    wanted: Move,
    reason: str,
    version: int,
    judged: Judged,
    calendar: WorkingCalendar,
    now: datetime,
    reach: Reach | None = None,
) -> str:
    """A person's own move, with a reason; `reach` is how far a rollback goes, where not as far as the plan says.

    Raises Refused with why it is not possible, Asked where others agree to it first.
    """
    if not reason.strip():
        raise Refused("Say why: a reason is kept with every move.")
    rollout = Rollout.objects.get(pk=plan)
    document = Plan.from_document(rollout.document)
    if not may_act(actor, document):
        raise NotYours("Only the plan's lead and the role holders named in the plan may move this rollout.")
    situation = situation_of(rollout, plan=document, flag=rollout.feature.flag, gates=judged.gates, now=now)
    if refusal := why_not(wanted, situation):
        raise Refused(f"Not possible: {refusal}.")
    done = Move.COMPLETE if wanted is Move.ADVANCE and document.is_last(rollout.stage) else wanted
    needed = agreement_for(actor, wanted, situation, document)
    agreed = None
    if needed:
        agreed = agreed_to(
            needed, actor=actor, rollout=rollout, plan=document, wanted=wanted, reason=reason.strip(), now=now
        )
    decision = Decision(done, _said(reason, agreed), BY_A_PERSON)
    with transaction.atomic():
        moved = move(
            actor=actor,
            plan=plan,
            decision=decision,
            version=version,
            judged=judged,
            calendar=calendar,
            now=now,
            reach=reach,
        )
        if agreed:
            approvals.carried_out_by_itself(request=agreed.id, note=f"{plan}: {done}", now=now)
    return moved


def _said(reason: str, agreed: RequestAbout | None) -> str:
    names = [identity.name_of(each.by) for each in agreed.answers] if agreed else []
    return (
        f"{reason.strip()} (agreed to by {' and '.join(dict.fromkeys(names))})" if names else reason.strip()
    )
