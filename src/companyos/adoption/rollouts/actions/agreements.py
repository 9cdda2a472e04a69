"""Asking others to agree to a person's move, as a request; the move follows when they do."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts.actions.by_request import opened, told_here
from companyos.adoption.rollouts.actions.refusals import Asked, Refused
from companyos.adoption.rollouts.domain.agreements import Agreement, about_move
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.requests import in_words
from companyos.adoption.rollouts.domain.types import Move
from companyos.adoption.rollouts.models import Rollout
from companyos.people.identity import queries as identity
from companyos.work.approvals import actions as approvals
from companyos.work.approvals import queries as requests
from companyos.work.approvals.domain.types import Status
from companyos.work.approvals.queries import RequestAbout


def agreed_to(
    needed: Agreement, *, actor: str, rollout: Rollout, plan: Plan, wanted: Move, reason: str, now: datetime
) -> RequestAbout:
    """Return the request in which others agreed to this move. Raises Asked while they have not: then it is open."""
    about = about_move(plan.slug, wanted, rollout.stage, rollout.attempt)
    known = requests.request_about(about)
    covers = known and needed.is_covered_by(str(known.fields.get("gates", "")).split())
    if known and covers and known.status is Status.APPROVED:
        return known
    if known and covers and known.is_open:
        raise _asked(known.id, known.asked, needed)
    if not needed.people:
        raise Refused(
            "Not possible: nobody else of the plan could agree to it. Name a second role in its file."
        )
    request = opened(
        actor=actor,
        type_slug=needed.type,
        about=about,
        plan=plan,
        title=needed.title,
        fields={
            "because": reason,
            "gates": " ".join(sorted(needed.passes)),
            "evidence": in_words(needed.gates) or needed.because,
            "approvers": " ".join(sorted(needed.people)),
        },
        key=f"{about} after {known.id if known else 'nothing'}",
        now=now,
    )
    raise _asked(request, tuple(sorted(needed.people)), needed)


def note_not_done(*, request: str, because: str, now: datetime) -> None:
    """Say on an agreed request why its move was not made after all."""
    with told_here():
        approvals.comment(
            actor="companyos", request=request, note=f"Agreed, and not done: {because}", now=now
        )


def _asked(request: str, people: tuple[str, ...], needed: Agreement) -> Asked:
    names = ", ".join(identity.name_of(person) for person in dict.fromkeys(people))
    several = len(set(people)) > 1
    who = (
        f"{names} agree{'' if several else 's'}"
        if needed.all_of_them or not several
        else f"one of {names} agrees"
    )
    return Asked(
        f"Nothing has moved: it is asked first, because {needed.because}. CompanyOS makes the move when {who}.",
        request,
    )
