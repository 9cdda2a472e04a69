"""Writing to people what they are asked: by mail and Slack, within the same budget, until they want no letters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.signing import BadSignature, Signer
from django.db import transaction

from companyos.adoption.surveys.actions.answering import AnswerRefused, link_of
from companyos.adoption.surveys.actions.asking import ask_what_is_due
from companyos.adoption.surveys.domain.eligibility import OPEN_FOR
from companyos.adoption.surveys.domain.letters import (
    WIDGET_FIRST,
    Letter,
    as_page,
    in_mail,
    in_slack,
    subject,
)
from companyos.adoption.surveys.domain.types import Letters
from companyos.adoption.surveys.models import Invitation, LettersStopped, SurveyLetter
from companyos.adoption.surveys.queries.definitions import spec_of
from companyos.kernel.business_time import WorkingCalendar
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import PersonRow, Reached
from companyos.platform import mail, slack
from companyos.platform.outgoing import Channel, outcomes, public_address

_AT_ONCE = 500
_SALT = "letters about surveys"
_THEIRS = "a person is written to, wherever their cases run"


def channels() -> frozenset[Letters]:
    """Return the channels by which a letter reaches one person here and now."""
    ready = {Letters.MAIL: mail.is_set_up(), Letters.SLACK: slack.reaches_people()}
    return frozenset(channel for channel, is_ready in ready.items() if is_ready)


def ask_by_letter(*, people: Iterable[PersonRow], calendar: WorkingCalendar, now: datetime) -> int:
    """Ask these people what is due and may be asked by letter; says how many were. Needs a channel that is set up.

    The budget is the one of all surveys; whoever wants no letters, or has left, is not asked this way.
    """
    by, told = channels(), {each.slug: each for each in people}
    if not by:
        return 0
    stopped = LettersStopped.objects.filter(pk__in=told).values_list("pk", flat=True)
    reached = identity.reached(told.keys() - set(stopped))
    return sum(
        ask_what_is_due(person=slug, tenant=told[slug].tenant, calendar=calendar, now=now, by=by) is not None
        for slug in reached
    )


def write_letters(*, now: datetime) -> int:
    """Write each open question to its person once, when no widget has shown it for an hour; says how many people.

    The letters are queued in the transaction that notes them: a crash neither loses nor doubles one.
    """
    by = channels()
    if not by:
        return 0
    due = Invitation.objects.across_tenants(because=_THEIRS).filter(
        written_at=None, shown_at=None, answered_at=None, dismissed_at=None,
        asked_at__gt=now - OPEN_FOR, asked_at__lte=now - WIDGET_FIRST,
    )  # fmt: skip
    rows = list(due.select_related("survey").order_by("asked_at", "id")[:_AT_ONCE])
    stopped = set(
        LettersStopped.objects.filter(pk__in={row.person_id for row in rows}).values_list("pk", flat=True)
    )
    reached = identity.reached({row.person_id for row in rows} - stopped)
    return sum(_write(row, reached.get(row.person_id), by, now) for row in rows)


def settle_letters(*, now: datetime) -> int:
    """Note which letters were handed over and which were given up; says how many."""
    open_ones = SurveyLetter.objects.across_tenants(because=_THEIRS).filter(sent_at=None, given_up_at=None)
    settled = 0
    for channel in Letters:
        waiting = {
            _key(str(row.invitation_id), channel): row
            for row in open_ones.filter(channel=channel).order_by("id")[:_AT_ONCE]
        }
        for key, (sent_at, given_up) in outcomes(Channel(channel), waiting).items():
            if sent_at or given_up:
                end = {"sent_at": sent_at} if sent_at else {"given_up_at": now}
                settled += open_ones.filter(pk=waiting[key].pk).update(**end)
    return settled


def note_opened(*, invitation: str, via: str, now: datetime) -> None:
    """Note that the form was opened by a letter's link, by its person or by a program that looks at links."""
    rows = Invitation.objects.across_tenants(because="the link of the letter proves it").filter(pk=invitation)
    rows.filter(opened_at=None, survey__anonymous=False).update(opened_at=now, opened_via=via)
    for row in rows.filter(opened_at=None, survey__anonymous=True):
        rows.update(opened_at=row.asked_at, opened_via=via)  # when would say whose answer it is


def stop_letters(*, actor: str, via: str, now: datetime) -> None:
    """End letters about surveys to a person; what already waits to be sent may still arrive."""
    LettersStopped.objects.get_or_create(person_id=actor, defaults={"at": now, "via": via})


def resume_letters(*, actor: str) -> None:
    LettersStopped.objects.filter(pk=actor).delete()


def stop_link_of(person: str) -> str:
    """Return the token of a link that ends letters to one person, for ever valid and good for nothing else."""
    return Signer(salt=_SALT).sign(person)


def whose_letters(token: str) -> str:
    """Return whose letters a link is about. Raises AnswerRefused."""
    try:
        return Signer(salt=_SALT).unsign(token)
    except BadSignature:
        raise AnswerRefused(
            "There is no such link. Sign in and choose on the page of your questions."
        ) from None


def _write(row: Invitation, person: Reached | None, by: frozenset[Letters], now: datetime) -> bool:
    mine = Invitation.objects.of(row.tenant_id).filter(
        pk=row.pk, written_at=None, answered_at=None, dismissed_at=None
    )
    with transaction.atomic():
        if not mine.update(written_at=now) or person is None:
            return False
        stop = public_address(f"/question/letters/{stop_link_of(person.slug)}")
        letter = Letter(spec_of(row.survey), public_address(f"/question/{link_of(str(row.pk))}"), stop)
        queued = [
            each for each in letter.survey.letters if each in by and _queue(each, row, person, letter, now)
        ]
        SurveyLetter.all_rows.bulk_create(
            SurveyLetter(tenant_id=row.tenant_id, invitation=row, channel=each, queued_at=now)
            for each in queued
        )
        return bool(queued)


def _queue(channel: Letters, row: Invitation, person: Reached, letter: Letter, now: datetime) -> bool:
    key, tenant = _key(str(row.pk), channel), row.tenant_id
    if channel is Letters.SLACK:
        text = in_slack(letter, slack.escape)
        return slack.send_slack(to=person.email, text=text, now=now, key=key, tenant=tenant)
    return mail.send_mail(
        to=person.email,
        subject=subject(letter),
        text=in_mail(letter),
        html=as_page(letter),
        headers={
            "List-Unsubscribe": f"<{letter.stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
            "Auto-Submitted": "auto-generated",
            "X-CompanyOS": "survey",
        },
        now=now,
        key=key,
        tenant=tenant,
    )


def _key(invitation: str, channel: Letters) -> str:
    return f"survey {invitation} by {channel}"
