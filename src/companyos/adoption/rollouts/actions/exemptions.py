"""Passing over a gate: one person asks with a reason and an end, another grants it. It is shown for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from companyos.adoption.rollouts.actions.by_request import ask_about_exemption, grant
from companyos.adoption.rollouts.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.rollouts.domain.gate_specs import GateSpec
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.models import Exemption, Rollout
from companyos.kernel.ids import id_of
from companyos.platform import outbox

LONGEST = timedelta(days=30)


def ask_exemption(*, actor: str, plan: str, gate: str, because: str, until: datetime, now: datetime) -> str:
    """Ask that this attempt at the stage goes on without `gate` until a moment; returns the exemption's id.

    Raises Refused for a gate that nobody may pass over, and NotYours for a person without one of its roles.
    """
    rollout = _rollout(plan)
    document, spec = Plan.from_document(rollout.document), _gate(rollout, gate)
    _need_a_role(actor, document, spec)
    if not because.strip():
        raise Refused("Say why: a reason is kept with every exemption.")
    if not now < until <= now + LONGEST:
        raise Refused(f"An exemption ends after now and within {LONGEST.days} days.")
    exemption = id_of(now, "exemption", plan, gate, actor)
    with transaction.atomic():
        row = Exemption.objects.create(
            id=exemption,
            rollout=rollout,
            stage=rollout.stage,
            attempt=rollout.attempt,
            gate=gate,
            because=because.strip(),
            asked_by=actor,
            asked_at=now,
            until=until,
        )
        may = _holders(document, spec)
        ask_about_exemption(exemption=row, plan=document, gate=spec.title or gate, may=may, now=now)
        outbox.publish("rollout.exemption_asked", {"rollout": plan, "gate": gate}, at=now)
    return str(exemption)


def grant_exemption(*, actor: str, plan: str, exemption_id: str, now: datetime) -> None:
    """Grant what another person asked for: a yes to its request, at whose event the exemption begins to hold."""
    asked = Exemption.objects.filter(pk=exemption_id, rollout_id=plan, granted_by="", until__gt=now).first()
    if asked is None:
        raise NoSuch("There is no such exemption waiting to be granted.")
    rollout = _rollout(plan)
    _need_a_role(actor, Plan.from_document(rollout.document), _gate(rollout, asked.gate))
    if actor == asked.asked_by:
        raise NotYours("Somebody else has to grant what you asked for.")
    grant(actor=actor, exemption=exemption_id, now=now)


def _rollout(plan: str) -> Rollout:
    found = Rollout.objects.filter(pk=plan).first()
    if found is None:
        raise NoSuch(f"There is no rollout {plan!r}.")
    return found


def _gate(rollout: Rollout, gate: str) -> GateSpec:
    plan = Plan.from_document(rollout.document)
    gates = plan.stage(rollout.stage).gates if rollout.stage else ()
    spec = next((each for each in gates if each.name == gate), None)
    if spec is None:
        raise NoSuch(f"The stage has no gate {gate!r}; its gates are {', '.join(g.name for g in gates)}.")
    if not spec.overrides or spec.rolls_back:
        raise Refused(f"Nobody may pass over {spec.title}: the plan names no role that could.")
    return spec


def _need_a_role(actor: str, plan: Plan, spec: GateSpec) -> None:
    if actor not in _holders(plan, spec):
        raise NotYours(f"Only {' and '.join(spec.overrides).replace('_', ' ')} may pass over this gate.")


def _holders(plan: Plan, spec: GateSpec) -> set[str]:
    return {person for role, person in plan.roles if role in spec.overrides}
