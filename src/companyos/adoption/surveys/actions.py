"""The only writers of surveys: who is asked is decided here, never by a client (R98)."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.surveys.models import Invitation, Survey
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.ids import id_of

SCORES = range(1, 6)


class AnswerRefused(Exception):
    """The invitation is not this person's, was answered before, or the score is out of range."""


def keep_survey(
    *, slug: str, feature: str, question: str, satisfied_from: int, after_working_days: int
) -> bool:
    values = {
        "feature": feature,
        "question": question,
        "satisfied_from": satisfied_from,
        "after_working_days": after_working_days,
    }
    if Survey.objects.filter(pk=slug).values(*values).first() == values:
        return False
    Survey.objects.update_or_create(slug=slug, defaults=values)
    return True


def invite_if_due(
    *, tenant: str, person: str, feature: str, exposed_at: datetime, calendar: WorkingCalendar, now: datetime
) -> None:
    """Ask the feature's surveys once each, when enough working days have passed since first exposure (R139)."""
    for survey in Survey.objects.filter(feature=feature):
        due = calendar.add_working_days(exposed_at, survey.after_working_days)
        mine = Invitation.objects.across_tenants(because="asked once, whatever the tenant")
        if now < due or mine.filter(survey=survey, person_id=person).exists():
            continue
        Invitation(
            id=id_of(now, "invitation", survey.slug, person),
            tenant_id=tenant,
            survey=survey,
            person_id=person,
            asked_at=now,
        ).save(force_insert=True)


def answer(*, actor: str, invitation: str, score: int, comment: str, now: datetime) -> None:
    """Store one answer. Raises AnswerRefused."""
    if score not in SCORES:
        raise AnswerRefused("A score is a whole number from 1 to 5. Nothing was stored; send it again.")
    mine = Invitation.objects.across_tenants(because="an invitation belongs to its person")
    stored = mine.filter(pk=invitation, person_id=actor, answered_at=None).update(
        answered_at=now, score=score, comment=comment
    )
    if not stored:
        raise AnswerRefused("There is no open question of yours under this id: perhaps you answered already.")
