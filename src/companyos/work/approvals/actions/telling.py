"""Telling people by mail and Slack what they are asked: once for each asking, once for each reminder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import Reached
from companyos.platform.outgoing import SANDBOX, public_address
from companyos.work.approvals.actions.links import LINK_LASTS, link_for
from companyos.work.approvals.actions.posting import post, thread_of
from companyos.work.approvals.actions.refusals import Refused
from companyos.work.approvals.domain.letters import Letter, in_mail, in_slack, several
from companyos.work.approvals.domain.outcomes import MOST_LETTERS
from companyos.work.approvals.domain.types import ActKind
from companyos.work.approvals.models import AskedNow, RequestAct
from companyos.work.approvals.queries.definitions import type_titles
from companyos.work.approvals.queries.organisation import organisation

_AT_ONCE = 500
_THEIRS = "a person is told what they are asked, wherever it runs"


def tell_those_asked(*, now: datetime) -> int:
    """Write to whoever is asked something and was not told; say to how many people. Safe to call at any time."""
    waiting = AskedNow.objects.across_tenants(because=_THEIRS).filter(told=False)
    rows: dict[str, list[AskedNow]] = {}
    for row in waiting.select_related("request", "tenant").order_by("id")[:_AT_ONCE]:
        rows.setdefault(row.person, []).append(row)
    if not rows:
        return 0
    reached = identity.reached(rows)
    for person, theirs in rows.items():
        with transaction.atomic():
            real = [row for row in theirs if row.tenant.tenant_class != SANDBOX]
            if real and person in reached:
                _tell(reached[person], real, now)
            told = AskedNow.objects.across_tenants(because=_THEIRS)
            told.filter(id__in=[row.id for row in theirs]).update(told=True)
    return len(rows)


def _tell(person: Reached, rows: Sequence[AskedNow], now: datetime) -> None:
    if len(rows) > MOST_LETTERS:
        subject, text = several(len(rows), public_address("/requests"))
        key = sha256(f"{person.slug} {rows[0].id} to {rows[-1].id}".encode()).hexdigest()
        post(person, subject=subject, text=text, now=now, key=key)
        return
    for row in rows:
        _write(person, row, now)


def _write(person: Reached, row: AskedNow, now: datetime) -> None:
    reminders = RequestAct.objects.of(row.tenant_id).filter(
        request=row.request, round=row.request.round, step=row.step, kind=ActKind.REMINDED
    )
    n = reminders.count()
    key = sha256(f"{row.request_id} {row.request.round} {row.step} {person.slug} {n}".encode()).hexdigest()
    letter = _letter(person, row, n, now)
    post(
        person,
        subject=letter.subject,
        text=in_mail(letter),
        slack_text=lambda escape: in_slack(letter, escape),
        key=key,
        tenant=row.tenant_id,
        headers=thread_of(str(row.request_id)),
        now=now,
    )


def _letter(person: Reached, row: AskedNow, reminder: int, now: datetime) -> Letter:
    request = row.request
    token = _token(person.slug, row, now)
    return Letter(
        organisation(now).name(request.requester),
        request.title,
        type_titles().get(request.type, request.type),
        f"{request.amount:,.2f}" if request.amount is not None else "",
        row.why,
        row.due_at,
        reminder,
        public_address(f"/requests/{request.id}"),
        public_address(request.link) if request.link else "",
        public_address(f"/answer/{token}") if token else "",
        now + LINK_LASTS,
        request.trace,
    )


def _token(person: str, row: AskedNow, now: datetime) -> str:
    """A link that answers; none where the request has moved on a moment ago."""
    try:
        return link_for(person=person, request=str(row.request_id), now=now)
    except Refused:
        return ""
