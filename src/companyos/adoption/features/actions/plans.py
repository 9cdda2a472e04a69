"""An adoption plan is approved: its text is kept as a version, and the next one shows what changed since."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from companyos.adoption.features.actions.by_request import answer, open_request, told_here
from companyos.adoption.features.actions.directory import existing
from companyos.adoption.features.actions.refusals import NotYours, Refused
from companyos.adoption.features.domain.requests import about_plan
from companyos.adoption.features.models import PlanApproved
from companyos.adoption.features.queries.meetings import roles_of
from companyos.people.identity import queries as identity
from companyos.work.approvals import actions as approvals
from companyos.work.approvals.domain.types import SOFTWARE


def approve_plan(*, actor: str, subject: str, text: str, now: datetime) -> int:
    """Agree to a plan as it stands and return its version; an empty subject is the programme's own.

    The request of this very text is opened where nobody did yet; its event keeps the text as a version.
    """
    title = existing(subject).title if subject else "the programme"
    may = {p for p in roles_of(subject).values() if p} if subject else _team_leads()
    if actor not in may:
        raise NotYours(
            "Whoever signs for the feature approves its adoption plan; a team's lead the programme's."
        )
    newest = PlanApproved.objects.filter(subject=subject).order_by("-version").first()
    digest = sha256(text.encode()).hexdigest()
    if newest and newest.sha256 == digest:
        raise Refused(f"Nothing changed since version {newest.version}.")
    version = newest.version + 1 if newest else 1
    about = about_plan(subject, f"{version}-{digest}")
    with transaction.atomic():
        request = open_request(
            actor=SOFTWARE,
            type_slug="plan-approval",
            about=about,
            link=f"/features/{subject}/adoption-plan" if subject else "/adoption-plan",
            home=actor,
            title=f"The adoption plan of {title}, version {version}",
            fields={},
            may=may,
            now=now,
        )
        with told_here():
            approvals.attach(
                actor=SOFTWARE,
                request=request,
                name="adoption-plan.md",
                content_type="text/plain",
                content=text.encode(),
                now=now,
            )
        answer(actor=actor, request=request, go=True, note="", now=now)
    return version


def _team_leads() -> set[str]:
    return {team.lead for team in identity.teams() if team.lead}
