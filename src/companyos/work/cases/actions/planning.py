"""The action plan (R84, R85): an object with an owner, steps and a day; the 72 h clock stops when it is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from companyos.work.cases.actions.refusals import NotAllowed, Refused, Unclear
from companyos.work.cases.actions.triaging import check_worker, refuse_over
from companyos.work.cases.actions.writing import change
from companyos.work.cases.domain.types import Event, EventKind, Phase
from companyos.work.cases.models import ActionPlan, Case
from companyos.work.cases.queries.definitions import definition_of
from companyos.work.cases.queries.people import squad_of

MOST_STEPS, LONGEST_STEP = 30, 500


def propose_plan(
    *, actor: str, case: str, owner: str, steps: Sequence[str], due: date, now: datetime
) -> None:
    """Propose what will be done: who answers for it, at least one step, and a day to come. Raises Unclear."""
    wanted = [step.strip()[:LONGEST_STEP] for step in steps if step.strip()]

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        refuse_over(row)
        if not wanted or len(wanted) > MOST_STEPS:
            raise Unclear(f"A plan has 1 to {MOST_STEPS} steps.", "steps")
        if row.squad and owner not in squad_of(row.squad):
            raise Unclear(
                f"{owner or 'Nobody'} is not of {row.squad}: choose an owner from the squad.", "owner"
            )
        if due < now.date():
            raise Unclear("The day of a plan lies ahead.", "due")
        n = ActionPlan.objects.of(row.tenant_id).filter(case=row).count() + 1
        ActionPlan(
            tenant_id=row.tenant_id, case=row, n=n, owner=owner, steps=wanted, due=due, proposed_by=actor,
            proposed_at=now,
        ).save(force_insert=True)  # fmt: skip
        body = {"plan": n, "plan_owner": owner, "due": due.isoformat(), "steps": len(wanted)}
        return (Event(EventKind.PLAN_PROPOSED, actor, now, body),)

    change(case, decide, now=now)


def accept_plan(*, actor: str, case: str, plan: int, now: datetime) -> None:
    """Accept a plan for the squad: its reporter is told, and the clock of the plan stops.

    A person of the squad accepts; a case is planned after it was triaged. Raises NotAllowed and Refused.
    """

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        refuse_over(row)
        if actor not in squad_of(row.squad):
            raise NotAllowed("Only a person of the owning squad accepts a plan.")
        if row.triaged_at is None:
            raise Refused("Triage it first: a plan is made for a known type, severity and owner.")
        found = ActionPlan.objects.of(row.tenant_id).filter(case=row, n=plan).first()
        if found is None:
            raise Refused(f"There is no plan {plan} of this case.")
        if row.plan == plan:
            return ()
        ActionPlan.objects.of(row.tenant_id).filter(pk=found.pk).update(accepted_by=actor, accepted_at=now)
        definition = definition_of(row.type, row.type_version)
        here = definition.status(row.status)
        status = definition.next_of(row.status, Phase.PLANNED) if here.phase in _BEFORE else None
        body = {"plan": plan, "due": found.due.isoformat(), "status": (status or here).slug,
                "phase": str((status or here).phase)}  # fmt: skip
        return (Event(EventKind.PLAN_ACCEPTED, actor, now, body),)

    change(case, decide, now=now)


_BEFORE = frozenset({Phase.NEW, Phase.ACCEPTED})
