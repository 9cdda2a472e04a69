"""Acting on a request: look, judge, and write with a compare-and-swap, so that one decision is final."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction

from companyos.platform import outbox
from companyos.work.approvals.actions.asking import checked
from companyos.work.approvals.actions.refusals import LinkRefused, NoSuchRequest, NotAllowed, Refused
from companyos.work.approvals.actions.writing import set_standing, write_asked
from companyos.work.approvals.domain.due import acts_due
from companyos.work.approvals.domain.judge import Situation, judge, situation_with
from companyos.work.approvals.domain.permitted import refusal_of
from companyos.work.approvals.domain.types import ANSWERS, SOFTWARE, Act, ActKind, Path, Standing, Status
from companyos.work.approvals.models import AnswerLink, Record, Request, RequestAct
from companyos.work.approvals.queries.definitions import definition_of
from companyos.work.approvals.queries.one import find, situation_for, who_may_read

MOST_AT_ONCE = 100
LONGEST_NOTE = 2_000
LINK_LASTS = timedelta(days=7)
_TRIES = 1_000
_BY_ID = "the act is judged against the request itself before anything is written"
_OUTCOMES = frozenset(Status) - {Status.OPEN, Status.RETURNED}


class _Overtaken(Exception):
    """Somebody else changed the request between the look and the write."""


def approve(*, actor: str, request: str, now: datetime, note: str = "", via: str = "page") -> Standing:
    """Say yes for whichever step asks this person."""
    return act_on(actor=actor, request=request, kind=ActKind.APPROVED, note=note, now=now, via=via)


def decline(*, actor: str, request: str, note: str, now: datetime, via: str = "page") -> Standing:
    """Say no, with a reason: it ends the request."""
    return act_on(actor=actor, request=request, kind=ActKind.DECLINED, note=note, now=now, via=via)


def give_back(*, actor: str, request: str, note: str, now: datetime, via: str = "page") -> Standing:
    """Return a request to its author for changes."""
    return act_on(actor=actor, request=request, kind=ActKind.RETURNED, note=note, now=now, via=via)


def delegate(
    *, actor: str, request: str, to: str, now: datetime, note: str = "", via: str = "page"
) -> Standing:
    """Hand one's own answer to a colleague, for this request alone."""
    return act_on(actor=actor, request=request, kind=ActKind.DELEGATED, note=note, to=to, now=now, via=via)


def withdraw(*, actor: str, request: str, now: datetime, note: str = "", via: str = "page") -> Standing:
    """Take one's own request back before it is decided; cancel it after it was approved."""
    row = _row(request)
    kind = ActKind.CANCELLED if row.status == Status.APPROVED else ActKind.WITHDRAWN
    return act_on(actor=actor, request=request, kind=kind, note=note, now=now, via=via)


def resubmit(
    *, actor: str, request: str, fields: Mapping[str, Any], now: datetime, note: str = "", via: str = "page"
) -> Standing:
    """Send a returned request again, changed; every step is answered anew. Raises Unclear."""
    row = _row(request)
    definition = definition_of(row.type, row.type_version)
    filled = checked(definition, fields) if definition else dict(fields)
    return act_on(
        actor=actor, request=request, kind=ActKind.RESUBMITTED, note=note, now=now, via=via, fields=filled
    )


def carry_out(*, actor: str, request: str, note: str, now: datetime, via: str = "page") -> Standing:
    """Record that what was approved has been done, under the request's own trace (R14)."""
    return act_on(actor=actor, request=request, kind=ActKind.CARRIED_OUT, note=note, now=now, via=via)


def comment(*, actor: str, request: str, note: str, now: datetime, via: str = "page") -> None:
    """Say something about a request one may read."""
    if not note.strip():
        raise Refused("Write something: an empty comment helps nobody.")
    act_on(actor=actor, request=request, kind=ActKind.COMMENTED, note=note, now=now, via=via)


def act_on(
    *,
    actor: str,
    request: str,
    kind: ActKind,
    now: datetime,
    note: str = "",
    to: str = "",
    via: str = "page",
    fields: Mapping[str, Any] | None = None,
) -> Standing:
    """Do one thing to a request and return where it stands then.

    The row is locked where the store can, and changed by a compare-and-swap on its version in any case: of any
    number of people who answer at once, one decides. Raises NoSuchRequest, NotAllowed, Refused.
    """
    if kind in {ActKind.ASKED, ActKind.REMINDED, ActKind.ESCALATED, ActKind.TIMED_OUT}:
        raise NotAllowed("Only the software does this.")
    wanted = Act(kind, actor, now, note=note[:LONGEST_NOTE], to=to)
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                row = _locked(request)
                situation = situation_for(row, now)
                _check_reader(situation, row, actor)
                act = _seated(situation, wanted)
                if why := refusal_of(situation, act):
                    raise Refused(why)
                return _write(row, situation, (act,), now, via, fields)
        except _Overtaken:
            continue
        except OperationalError as error:
            if "locked" not in str(error):
                raise
    raise Refused("Too many people act on this request at once. Nothing was changed; try again.")


def answer_many(
    *, actor: str, requests: Iterable[str], kind: ActKind, now: datetime, note: str = "", via: str = "page"
) -> dict[str, str]:
    """Approve or decline several requests, each judged by itself; say for each why not, or nothing.

    Raises Refused for more than 100 at once: nobody reads more.
    """
    chosen = list(dict.fromkeys(requests))
    if kind not in {ActKind.APPROVED, ActKind.DECLINED}:
        raise NotAllowed("Several requests can be approved or declined at once; return them one by one.")
    if len(chosen) > MOST_AT_ONCE:
        raise Refused(
            f"{len(chosen)} at once is more than {MOST_AT_ONCE}. Nothing was changed; choose fewer."
        )
    return {request: _why_not(actor, request, kind, note, now, via) for request in chosen}


def _why_not(actor: str, request: str, kind: ActKind, note: str, now: datetime, via: str) -> str:
    try:
        act_on(actor=actor, request=request, kind=kind, note=note, now=now, via=via)
    except Refused as refusal:
        return str(refusal)
    return ""


def look_at_clocks(*, now: datetime, limit: int = 100) -> int:
    """Remind, escalate and time out what is due; says how many requests it changed. Safe to call at any time."""
    due = Request.objects.across_tenants(because="time passes in every tenant").filter(look_at__lte=now)
    changed = 0
    for request in list(due.order_by("look_at").values_list("id", flat=True)[:limit]):
        changed += _let_time_act(str(request), now)
    return changed


def _let_time_act(request: str, now: datetime) -> bool:
    try:
        with transaction.atomic():
            row = _locked(request)
            situation = situation_for(row, now)
            acts = acts_due(situation, now)
            if not acts:
                Request.objects.of(row.tenant_id).filter(pk=row.pk).update(look_at=None)
                return False
            _write(row, situation, acts, now, "clock", None)
    except (_Overtaken, IntegrityError):
        return False  # somebody answered, or another clock was first: it is looked at again at the next turn
    return True


def link_for(*, person: str, request: str, now: datetime) -> str:
    """Make a link that answers a request once and return its token; the only time it is readable."""
    row = _row(request)
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
        asked = judge(situation_for(_row(who.request), now)).ask_of(who.person)
        if asked is None or asked.step != row.step or row.round != _row(who.request).round:
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


def _row(request: str) -> Request:
    row = find(request)
    if row is None:
        raise NoSuchRequest("There is no such request that you may see.")
    return row


def _locked(request: str) -> Request:
    row = find(request, lock=True)
    if row is None:
        raise NoSuchRequest("There is no such request that you may see.")
    if row.path == Path.IMPORTED:
        raise Refused("This is a record of another system. It is read, never acted on.")
    return row


def _check_reader(situation: Situation, row: Request, actor: str) -> None:
    """Whoever may not read a request learns nothing of it, not even that it is there."""
    if actor == row.requester or judge(situation).ask_of(actor) or actor in who_may_read(str(row.id)):
        return
    who = situation.definition.carried_out_by
    if who and row.status == Status.APPROVED and actor in situation.org.resolve(who, row.requester):
        return
    raise NoSuchRequest("There is no such request that you may see.")


def _seated(situation: Situation, act: Act) -> Act:
    """Put an answer on the seat that asks for it."""
    number = situation.round + (act.kind is ActKind.RESUBMITTED)
    asked = judge(situation).ask_of(act.by) if act.kind in ANSWERS | {ActKind.DELEGATED} else None
    if asked is None:
        return replace(act, round=number)
    return replace(act, step=asked.step, seat=asked.seat, round=number)


def _write(
    row: Request,
    situation: Situation,
    acts: tuple[Act, ...],
    now: datetime,
    via: str,
    fields: Mapping[str, Any] | None,
) -> Standing:
    before, version = row.status, row.version
    if fields is not None:
        row.fields = dict(fields)
        situation = situation_for(row, now, situation.acts)
    after = situation_with(situation, acts)
    standing = judge(after)
    set_standing(row, after, standing, now)
    row.version = version + 1
    swapped = (
        Request.objects.of(row.tenant_id)
        .filter(pk=row.pk, version=version)
        .update(
            status=row.status,
            because=row.because,
            version=row.version,
            round=row.round,
            fields=row.fields,
            decided_at=row.decided_at,
            look_at=row.look_at,
        )
    )
    if not swapped:
        raise _Overtaken
    RequestAct.all_rows.bulk_create(
        RequestAct(
            tenant_id=row.tenant_id,
            request=row,
            n=len(situation.acts) + n,
            kind=act.kind,
            by=act.by,
            at=act.at,
            step=act.step,
            seat=act.seat,
            round=act.round,
            note=act.note,
            to=act.to,
            via=via,
        )
        for n, act in enumerate(acts, start=1)
    )
    write_asked(row, standing)
    _tell(row, before, standing, acts, now)
    return standing


def _tell(row: Request, before: str, standing: Standing, acts: tuple[Act, ...], now: datetime) -> None:
    last = acts[-1]
    if last.kind is ActKind.CARRIED_OUT:
        Record(
            tenant_id=row.tenant_id, request=row, trace=row.trace, by=last.by, at=now, note=last.note
        ).save(force_insert=True)
    body = {"request": str(row.id), "trace": row.trace, "status": str(standing.status)}
    if standing.status in _OUTCOMES and standing.status != before:
        outbox.publish("request.decided", body, at=now)
    elif last.by == SOFTWARE or last.kind is ActKind.RETURNED:
        outbox.publish(f"request.{last.kind}", body, at=now)
