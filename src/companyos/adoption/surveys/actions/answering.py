"""What a person does with a question: see it once in a widget, answer it, or send it away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import transaction

from companyos.adoption.surveys.domain.eligibility import OPEN_FOR
from companyos.adoption.surveys.domain.types import Kind, SurveySpec, week_of
from companyos.adoption.surveys.models import Invitation, UnsignedAnswer
from companyos.adoption.surveys.queries.definitions import spec_of
from companyos.platform import outbox
from companyos.platform.tenancy import TenantQuerySet

LONGEST = 5_000
_SALT = "a question of a survey"


class AnswerRefused(Exception):
    """The invitation is not this person's, was answered before, or the score is out of range."""


def show_next(*, actor: str, now: datetime) -> str | None:
    """Return the open question that no widget has shown yet, and mark it shown: of two tabs, one shows it."""
    waiting = _mine(actor).filter(
        shown_at=None, answered_at=None, dismissed_at=None, asked_at__gt=now - OPEN_FOR
    )
    for row in waiting.order_by("asked_at", "id"):
        if waiting.filter(pk=row.pk).update(shown_at=now):
            return str(row.pk)
    return None


def answer(
    *, actor: str, invitation: str, score: int | None, comment: str, now: datetime, via: str = ""
) -> None:
    """Store one answer; `via` is where it was given. Raises AnswerRefused."""
    row = _open(actor, invitation)
    _check(spec_of(row.survey), score, comment)
    said = {"score": score, "comment": comment.strip()[:LONGEST]}
    kept = (
        {"answered_at": row.asked_at, "unsigned": True}
        if row.survey.anonymous
        else {"answered_at": now, **said}
    )
    with transaction.atomic():
        if not _open_rows(actor).filter(pk=row.pk).update(via=via, **kept):
            raise AnswerRefused(_CLOSED)
        if row.survey.anonymous:
            UnsignedAnswer(
                tenant_id=row.tenant_id, survey=row.survey, week=week_of(row.asked_at), **said
            ).save(force_insert=True)
        outbox.publish("survey.answered", {"survey": row.survey_id}, at=now)


def dismiss(*, actor: str, invitation: str, now: datetime, via: str = "") -> None:
    """Send a question away; it counts as asked, and does not come back. Raises AnswerRefused."""
    row = _open(actor, invitation)
    with transaction.atomic():
        if not _open_rows(actor).filter(pk=row.pk).update(dismissed_at=now, via=via):
            raise AnswerRefused(_CLOSED)
        outbox.publish("survey.dismissed", {"survey": row.survey_id}, at=now)


def link_of(invitation: str) -> str:
    """Return the token of a link that answers this one question without signing in, for a mail or a message."""
    return Signer(salt=_SALT).sign(invitation)


def linked(token: str) -> tuple[str, str]:
    """Return whose question a link is, and its id. Raises AnswerRefused."""
    try:
        number = UUID(Signer(salt=_SALT).unsign(token))
    except (BadSignature, ValueError):
        raise AnswerRefused("There is no such link. Sign in to see your questions.") from None
    every = Invitation.objects.across_tenants(because="the token itself proves who holds it")
    row = every.filter(pk=number).first()
    if row is None:
        raise AnswerRefused("This question is gone. Sign in to see your questions.")
    return row.person_id, str(number)


_CLOSED = "There is no open question of yours under this id: perhaps you answered already."


def _check(survey: SurveySpec, score: int | None, comment: str) -> None:
    if len(comment) > LONGEST:
        raise AnswerRefused(f"Say it in {LONGEST:,} characters. Nothing was stored; send it again.")
    if survey.kind is Kind.TEXT:
        if score is not None or not comment.strip():
            raise AnswerRefused(
                "This question asks for words. Nothing was stored; write some and send it again."
            )
        return
    if score not in survey.scores:
        first, last = survey.scores.start, survey.scores.stop - 1
        raise AnswerRefused(
            f"A score is a whole number from {first} to {last}. Nothing was stored; send it again."
        )


def _open(actor: str, invitation: str) -> Invitation:
    try:
        number = UUID(str(invitation))
    except ValueError:
        raise AnswerRefused(_CLOSED) from None
    row: Invitation | None = _open_rows(actor).filter(pk=number).select_related("survey").first()
    if row is None:
        raise AnswerRefused(_CLOSED)
    return row


def _open_rows(actor: str) -> TenantQuerySet:
    return _mine(actor).filter(answered_at=None, dismissed_at=None)


def _mine(actor: str) -> TenantQuerySet:
    return Invitation.objects.across_tenants(because="an invitation belongs to its person").filter(
        person_id=actor
    )
