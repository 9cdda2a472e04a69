"""One-time links of mails: made for one person, one step and one round; kept as a checksum only."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from companyos.work.approvals.actions.acts import act_on, row_of
from companyos.work.approvals.actions.refusals import LinkRefused, NotAllowed, Refused
from companyos.work.approvals.domain.judge import judge
from companyos.work.approvals.domain.types import ActKind, Standing
from companyos.work.approvals.models import AnswerLink
from companyos.work.approvals.queries.one import situation_for

LINK_LASTS = timedelta(days=7)


def link_for(*, person: str, request: str, now: datetime) -> str:
    """Make a link that answers a request once and return its token; the only time it is readable."""
    row = row_of(request)
    asked = judge(situation_for(row, now)).ask_of(person)
    if asked is None or not asked.step:
        raise Refused("This person is not asked now.")
    token = secrets.token_urlsafe(32)
    AnswerLink(
        sha256=hashlib.sha256(token.encode()).hexdigest(),
        tenant_id=row.tenant_id,
        request=row,
        person=person,
        step=asked.step,
        round=row.round,
        expires_at=now + LINK_LASTS,
    ).save(force_insert=True)
    return token


@dataclass(frozen=True, slots=True)
class LinkedAnswer:
    person: str
    request: str


def linked(token: str, now: datetime) -> LinkedAnswer:
    """Say whose answer to what a link is, without using it. Raises LinkRefused."""
    row = _link(token)
    if row.used_at is not None or row.expires_at <= now:
        raise LinkRefused("This link was used already or is too old. Sign in and answer in your inbox.")
    return LinkedAnswer(row.person, str(row.request_id))


def answer_by_link(*, token: str, kind: ActKind, now: datetime, note: str = "") -> Standing:
    """Approve or decline by a link of a mail; it works once, for the step and round it was made for."""
    if kind not in {ActKind.APPROVED, ActKind.DECLINED}:
        raise NotAllowed("A link approves or declines.")
    who = linked(token, now)
    with transaction.atomic():
        row = _link(token)
        mine = AnswerLink.objects.of(row.tenant_id).filter(pk=row.pk, used_at=None, expires_at__gt=now)
        asked = judge(situation_for(row_of(who.request), now)).ask_of(who.person)
        if asked is None or asked.step != row.step or row.round != row_of(who.request).round:
            raise LinkRefused(
                "This request has moved on since the mail was sent. Sign in to see where it is."
            )
        if not mine.update(used_at=now):
            raise LinkRefused("This link was used already. Sign in and answer in your inbox.")
        return act_on(actor=who.person, request=who.request, kind=kind, note=note, now=now, via="mail")


def _link(token: str) -> AnswerLink:
    every = AnswerLink.objects.across_tenants(because="the token itself proves who holds it")
    row: AnswerLink | None = every.filter(pk=hashlib.sha256(token.encode()).hexdigest()).first()
    if row is None:
        raise LinkRefused("There is no such link. Sign in and answer in your inbox.")
    return row
