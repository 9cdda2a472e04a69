"""An adoption plan is approved: its text is kept as a version, and the next one shows what changed since."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from companyos.adoption.features.actions.directory import existing
from companyos.adoption.features.actions.refusals import NotYours, Refused
from companyos.adoption.features.models import PlanApproved
from companyos.adoption.features.queries.meetings import roles_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox


def approve_plan(*, actor: str, subject: str, text: str, now: datetime) -> int:
    """Keep the text of a plan as approved and return its version; an empty subject is the programme's own."""
    if subject:
        existing(subject)
    may = actor in roles_of(subject).values() if subject else identity.may_manage_keys(actor)
    if not may:
        raise NotYours(
            "Whoever signs for the feature approves its adoption plan; a team's lead the programme's."
        )
    digest = sha256(text.encode()).hexdigest()
    with transaction.atomic():
        newest = PlanApproved.objects.filter(subject=subject).order_by("-version").first()
        if newest and newest.sha256 == digest:
            raise Refused(f"Nothing changed since version {newest.version}.")
        version = newest.version + 1 if newest else 1
        PlanApproved.objects.create(
            subject=subject, version=version, at=now, by=actor, sha256=digest, text=text
        )
        outbox.publish("feature.plan_approved", {"feature": subject, "version": version}, at=now)
    return version
