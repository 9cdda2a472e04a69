"""Telling who asked what came of it: once for each outcome, in the way and at the pace they chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Min

from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import Reached
from companyos.platform.instance import instance
from companyos.platform.outgoing import SANDBOX, public_address
from companyos.work.approvals.actions.posting import post, thread_of
from companyos.work.approvals.domain.outcomes import (
    TOGETHER,
    Outcome,
    are_one_letter,
    in_mail,
    in_slack,
    several,
    tell_at,
)
from companyos.work.approvals.domain.types import ActKind, Status
from companyos.work.approvals.models import Request, RequestAct
from companyos.work.approvals.queries.definitions import definition_of, type_titles
from companyos.work.approvals.queries.organisation import organisation

_PEOPLE_AT_ONCE = 500
_THEIRS = "a person is told what came of what they asked, wherever it runs"
_BROUGHT_BY = {
    Status.RETURNED: ActKind.RETURNED,
    Status.APPROVED: ActKind.APPROVED,
    Status.DECLINED: ActKind.DECLINED,
    Status.CANCELLED: ActKind.CANCELLED,
    Status.CARRIED_OUT: ActKind.CARRIED_OUT,
}


def tell_outcomes(*, now: datetime) -> int:
    """Write to whoever asked something that has an outcome; say to how many people. Safe to call at any time."""
    waiting = Request.objects.across_tenants(because=_THEIRS).filter(to_tell__lte=now - TOGETHER)
    since = waiting.values("requester").annotate(since=Min("to_tell")).values_list("requester", "since")
    people = dict(since.order_by("since")[:_PEOPLE_AT_ONCE])
    if not people:
        return 0
    reached, calendar = identity.reached(people), instance().calendar
    told = 0
    for person, first in people.items():
        whom = reached.get(person)
        if whom is None or tell_at(whom.pace, first, calendar) <= now:
            with transaction.atomic():
                told += _tell(person, whom, now)
    return told


def see_outcome(*, actor: str, request: str) -> None:
    """Note that who asked has looked at what came of it."""
    mine = Request.objects.across_tenants(because=_THEIRS).filter(pk=request, requester=actor)
    mine.filter(unseen__isnull=False).update(unseen=None)


def _tell(person: str, whom: Reached | None, now: datetime) -> bool:
    """Claim what waits for a person and queue it in the same transaction; what changes meanwhile waits anew."""
    theirs = Request.objects.across_tenants(because=_THEIRS).filter(requester=person, to_tell__isnull=False)
    rows = [row for row in theirs.select_related("tenant").order_by("to_tell", "id") if _claimed(row)]
    real = [row for row in rows if row.tenant.tenant_class != SANDBOX]
    if whom is None or not real:
        return False
    if are_one_letter(whom.pace, len(real)):
        return _tell_all(whom, real, now)
    return sum(_tell_one(whom, row, _outcome(row, now), now) for row in real) > 0


def _claimed(row: Request) -> bool:
    same = Request.objects.of(row.tenant_id).filter(pk=row.pk, version=row.version, to_tell=row.to_tell)
    return bool(same.update(to_tell=None))


def _tell_all(whom: Reached, rows: Sequence[Request], now: datetime) -> bool:
    subject, text = several([_outcome(row, now) for row in rows], public_address("/requests/mine"))
    return post(whom, subject=subject, text=text, key=_key(rows), now=now)


def _tell_one(whom: Reached, row: Request, outcome: Outcome, now: datetime) -> bool:
    return post(
        whom,
        subject=outcome.subject,
        text=in_mail(outcome),
        slack_text=lambda escape: in_slack(outcome, escape),
        key=_key([row]),
        tenant=row.tenant_id,
        headers=thread_of(str(row.id)),
        now=now,
    )


def _key(rows: Sequence[Request]) -> str:
    return sha256(" ".join(f"{row.id} {row.version}" for row in rows).encode()).hexdigest()


def _outcome(row: Request, now: datetime) -> Outcome:
    org, definition = organisation(now), definition_of(row.type, row.type_version)
    brought = RequestAct.objects.of(row.tenant_id).filter(request=row, round=row.round)
    acts = list(brought.filter(kind=_BROUGHT_BY.get(Status(row.status))).order_by("n"))
    doer = definition.carried_out_by if definition else ""
    return Outcome(
        Status(row.status),
        row.title,
        type_titles().get(row.type, row.type),
        f"{row.amount:,.2f}" if row.amount is not None else "",
        " and ".join(dict.fromkeys(org.name(act.by) for act in acts)),
        "; ".join(dict.fromkeys(act.note for act in acts if act.note)),
        f"the {org.said(doer)}" if doer else "",
        public_address(f"/requests/{row.id}"),
        public_address(row.link) if row.link else "",
        row.trace,
        row.because,
    )
