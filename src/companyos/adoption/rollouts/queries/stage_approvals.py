"""Who approved leaving a stage, read from the stage's own request: nothing else keeps it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from companyos.adoption.rollouts.domain.agreements import about_move
from companyos.adoption.rollouts.domain.board import AskedOfPeople
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.requests import about_exemption, about_stage
from companyos.adoption.rollouts.domain.types import Move
from companyos.adoption.rollouts.queries.policies import exemptions_asked
from companyos.people.identity import queries as identity
from companyos.work.approvals import queries as requests
from companyos.work.approvals.domain.types import ActKind, Status
from companyos.work.approvals.queries import Answered, RequestAbout

Attempt = tuple[str, str, int]  # plan, stage, attempt


def stage_requests(attempts: Collection[Attempt]) -> dict[Attempt, RequestAbout]:
    names = {about_stage(*attempt): attempt for attempt in attempts}
    return {names[about]: found for about, found in requests.requests_about(list(names)).items()}


def stage_request(plan: str, stage: str, attempt: int) -> RequestAbout | None:
    return stage_requests([(plan, stage, attempt)]).get((plan, stage, attempt))


def asked_of_people(plan: Plan, stage: str, attempt: int) -> tuple[AskedOfPeople, ...]:
    """Return the requests about an attempt at a stage, for its board: leaving it, early too, passing over its gates.

    Before the start, the request to start without a shadow.
    """
    if not stage:
        return _asked({about_move(plan.slug, Move.START, "", attempt): "Starting without a shadow"}, "")
    about, title = about_stage(plan.slug, stage, attempt), plan.stage(stage).title
    early = about_move(plan.slug, Move.ADVANCE, stage, attempt)
    titles = {about: f"Leaving {title}", early: f"Leaving {title} past open gates"} | {
        about_exemption(each.id): f"Passing over {_gate_title(plan, stage, each.gate)}: {each.because}"
        for each in exemptions_asked(plan.slug, stage, attempt)
    }
    return _asked(titles, about)


def _asked(titles: Mapping[str, str], again: str) -> tuple[AskedOfPeople, ...]:
    """`again` names the request that is asked anew on its own button."""
    return tuple(
        AskedOfPeople(
            found.id,
            titles[found.about],
            found.status,
            found.because,
            tuple(identity.name_of(person) for person in dict.fromkeys(found.asked)),
            found.asked_at,
            found.about == again and not (found.is_open or found.is_approved),
        )
        for found in requests.requests_about(list(titles)).values()
    )


def _gate_title(plan: Plan, stage: str, gate: str) -> str:
    return next((spec.title or gate for spec in plan.gates_of(stage) if spec.name == gate), gate)


def approved_roles(asked: RequestAbout | None) -> dict[str, Answered]:
    """Return, by role, the yes of whoever holds it, or of whom they let answer."""
    if asked is None:
        return {}
    given = {role: asked.answer_of(person) for role, person in asked.pairs("approvers").items()}
    return {role: answer for role, answer in given.items() if answer and answer.kind is ActKind.APPROVED}


def refused_by(asked: RequestAbout | None) -> Answered | None:
    """Return the no that ended the stage's request; None while nobody said so, or once it is asked anew."""
    if asked is None or asked.status is not Status.DECLINED:
        return None
    return next((each for each in reversed(asked.answers) if each.kind is ActKind.DECLINED), None)
