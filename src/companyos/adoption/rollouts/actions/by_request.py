"""What named people decide about a rollout is a request: opened here, answered anywhere, acted on once decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from companyos.adoption.rollouts.actions.plans import may_act
from companyos.adoption.rollouts.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.requests import (
    EXEMPTION,
    STAGE,
    about_exemption,
    about_stage,
    holders_for,
    in_words,
)
from companyos.adoption.rollouts.domain.types import Gate
from companyos.adoption.rollouts.models import Exemption, Rollout
from companyos.adoption.rollouts.queries.state import latest_gates
from companyos.people.identity import queries as identity
from companyos.platform import outbox
from companyos.work.approvals import actions as approvals
from companyos.work.approvals import queries as requests
from companyos.work.approvals.domain.types import SOFTWARE, ActKind, Status


def approve(*, actor: str, plan: str, role: str, note: str, now: datetime) -> None:
    """Say a role's yes to leaving the current stage, in the stage's own request; it is opened where nobody did yet.

    Raises NotYours when the role is another's, Refused when the stage asks no such role or the request says so.
    """
    rollout = Rollout.objects.get(pk=plan)
    document = Plan.from_document(rollout.document)
    if dict(document.roles).get(role) != actor:
        raise NotYours(f"The role {role} is held by {dict(document.roles).get(role, 'nobody')}.")
    gates = latest_gates(plan, rollout.stage, rollout.attempt)
    request = ask_for_approval(plan=plan, gates=gates, now=now, again=True)
    asked = requests.request_about(about_stage(plan, rollout.stage, rollout.attempt))
    answer = asked.answer_of(actor) if asked else None
    if answer is None or answer.kind is not ActKind.APPROVED:
        with told_here():
            approvals.approve(actor=actor, request=request, note=note, now=now)


def ask_again(*, actor: str, plan: str, now: datetime) -> str:
    """Ask the roles anew after one of them said no; returns the new request's id. Raises NotYours, Refused."""
    rollout = Rollout.objects.filter(pk=plan).first()
    if rollout is None or not rollout.stage:
        raise NoSuch(f"There is no rollout {plan!r} in a stage.")
    if not may_act(actor, Plan.from_document(rollout.document)):
        raise NotYours("Only the plan's lead and role holders ask again.")
    gates = latest_gates(plan, rollout.stage, rollout.attempt)
    return ask_for_approval(plan=plan, gates=gates, now=now, again=True)


def ask_for_approval(*, plan: str, gates: Sequence[Gate], now: datetime, again: bool = False) -> str:
    """Open the request of the current stage and return its id; once an attempt, or `again` after it was declined."""
    rollout = Rollout.objects.get(pk=plan)
    document = Plan.from_document(rollout.document)
    about = about_stage(plan, rollout.stage, rollout.attempt)
    known = requests.request_about(about)
    if known and (known.is_open or known.is_approved or not again):
        return known.id
    holders = holders_for(document, rollout.stage) if rollout.stage else {}
    if not holders:
        raise Refused("This stage asks no role of the plan to approve it.")
    stage = document.stage(rollout.stage)
    return opened(
        actor=SOFTWARE,
        type_slug="stage-approval",
        about=about,
        plan=document,
        title=f"Leave the stage {stage.title}: {document.title}",
        fields={
            "evidence": in_words(gates),
            "approvers": " ".join(f"{role}={person}" for role, person in holders.items()),
        },
        key=f"{about} after {known.id if known else 'nothing'}",
        now=now,
    )


def ask_about_exemption(*, exemption: Exemption, plan: Plan, gate: str, may: set[str], now: datetime) -> str:
    """Open the request that grants an exemption: whoever asks is never the one who grants it."""
    stage = plan.stage(exemption.stage)
    judged = latest_gates(plan.slug, exemption.stage, exemption.attempt)
    return opened(
        actor=exemption.asked_by,
        type_slug="exemption",
        about=about_exemption(str(exemption.pk)),
        plan=plan,
        title=f"Pass over {gate}, in the stage {stage.title} of {plan.title}",
        fields={
            "because": exemption.because,
            "until": exemption.until.date().isoformat(),
            "evidence": in_words([each for each in judged if each.name == exemption.gate]),
            "approvers": " ".join(sorted(may - {exemption.asked_by})),
        },
        key=str(exemption.pk),
        now=now,
    )


def grant(*, actor: str, exemption: str, now: datetime) -> None:
    """Say yes to an exemption's request; the exemption holds when the request's event arrives."""
    asked = requests.request_about(about_exemption(exemption))
    if asked is None or not asked.is_open:
        raise NoSuch("There is no such exemption waiting to be granted.")
    with told_here():
        approvals.approve(actor=actor, request=asked.id, now=now)


def hear_of_request(*, about: str, now: datetime) -> None:
    """Act on a decided request about a rollout. Heard twice, the second time changes nothing."""
    asked = requests.request_about(about)
    if asked is None or asked.status is not Status.APPROVED:  # once acted on, it is carried out
        return  # a no leaves an exemption unheld; the gate of a stage reads its request itself
    answer = asked.answers[-1]
    with transaction.atomic():
        if about.startswith(EXEMPTION):
            said = _hold(about.removeprefix(EXEMPTION), answer.by, asked.trace, now)
        else:
            plan, stage, _attempt = about.removeprefix(STAGE).split("/")
            said = f"{plan} may leave the stage {stage}"
            outbox.publish(
                "rollout.approved", {"rollout": plan, "stage": stage, "trace": asked.trace}, at=now
            )
        if said:
            approvals.carried_out_by_itself(request=asked.id, note=said, now=now)


def _hold(exemption: str, by: str, trace: str, now: datetime) -> str:
    waiting = Exemption.objects.filter(pk=exemption, granted_by="")
    found = waiting.first()
    if found is None or not waiting.update(granted_by=by, granted_at=now):
        return ""
    told = {"rollout": found.rollout_id, "gate": found.gate, "trace": trace}
    outbox.publish("rollout.exemption_granted", told, at=now)
    return f"the gate {found.gate} is passed over until {found.until:%d %b %Y}"


def opened(
    *,
    actor: str,
    type_slug: str,
    about: str,
    plan: Plan,
    title: str,
    fields: Mapping[str, str],
    key: str,
    now: datetime,
) -> str:
    with told_here():
        return approvals.ask_about(
            actor=actor,
            type_slug=type_slug,
            about=about,
            link=f"/rollouts/{plan.slug}",
            title=title,
            tenant=identity.works_in(plan.lead if actor == SOFTWARE else actor),
            fields=fields,
            key=sha256(key.encode()).hexdigest(),
            now=now,
        )


@contextmanager
def told_here() -> Iterator[None]:
    """A refusal of the request is a refusal of the move, in the same words."""
    try:
        yield
    except approvals.NotAllowed as refusal:
        raise NotYours(str(refusal)) from None
    except approvals.Refused as refusal:
        raise Refused(str(refusal)) from None
