"""Acting on a request: look, judge, and write with a compare-and-swap, so that one decision is final."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction

from companyos.platform import outbox
from companyos.work.approvals.actions.asking import checked
from companyos.work.approvals.actions.refusals import NoSuchRequest, NotAllowed, Refused
from companyos.work.approvals.actions.writing import set_standing, wait_to_tell, write_asked
from companyos.work.approvals.domain.judge import Situation, judge, situation_with
from companyos.work.approvals.domain.permitted import refusal_of
from companyos.work.approvals.domain.types import ANSWERS, SOFTWARE, Act, ActKind, Path, Standing, Status
from companyos.work.approvals.models import Record, Request, RequestAct
from companyos.work.approvals.queries.definitions import definition_of
from companyos.work.approvals.queries.one import find, may_read, situation_for

MOST_AT_ONCE = 100
LONGEST_NOTE = 2_000
_TRIES = 1_000
_BY_ID = "the act is judged against the request itself before anything is written"
_OUTCOMES = frozenset(Status) - {Status.OPEN, Status.RETURNED}


class Overtaken(Exception):
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
    row = row_of(request)
    kind = ActKind.CANCELLED if row.status == Status.APPROVED else ActKind.WITHDRAWN
    return act_on(actor=actor, request=request, kind=kind, note=note, now=now, via=via)


def resubmit(
    *, actor: str, request: str, fields: Mapping[str, Any], now: datetime, note: str = "", via: str = "page"
) -> Standing:
    """Send a returned request again, changed; every step is answered anew. Raises Unclear."""
    row = row_of(request)
    definition = definition_of(row.type, row.type_version)
    filled = checked(definition, fields) if definition else dict(fields)
    return act_on(
        actor=actor, request=request, kind=ActKind.RESUBMITTED, note=note, now=now, via=via, fields=filled
    )


def carried_out_by_itself(*, request: str, note: str, now: datetime) -> Standing | None:
    """Record that CompanyOS did what was approved about something of its own; None where that is recorded already."""
    row = row_of(request)
    if row.status != Status.APPROVED or not row.about:
        return None
    return act_on(actor=SOFTWARE, request=request, kind=ActKind.CARRIED_OUT, note=note, now=now, via="itself")


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
                row = locked(request)
                situation = situation_for(row, now)
                _check_reader(situation, row, actor)
                act = _seated(situation, wanted)
                if why := refusal_of(situation, act):
                    raise Refused(why)
                return write(row, situation, (act,), now, via, fields)
        except Overtaken:
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


def row_of(request: str) -> Request:
    row = find(request)
    if row is None:
        raise NoSuchRequest("There is no such request that you may see.")
    return row


def locked(request: str) -> Request:
    row = find(request, lock=True)
    if row is None:
        raise NoSuchRequest("There is no such request that you may see.")
    if row.path == Path.IMPORTED:
        raise Refused("This is a record of another system. It is read, never acted on.")
    return row


def _check_reader(situation: Situation, row: Request, actor: str) -> None:
    """Whoever may not read a request learns nothing of it, not even that it is there."""
    if actor in {row.requester, SOFTWARE} or judge(situation).ask_of(actor) or may_read(actor, str(row.id)):
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


def write(
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
    wait_to_tell(row, before, acts[-1], now)
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
            to_tell=row.to_tell,
            unseen=row.unseen,
        )
    )
    if not swapped:
        raise Overtaken
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
    body = {"request": str(row.id), "trace": row.trace, "status": str(standing.status), "about": row.about}
    if standing.status in _OUTCOMES and standing.status != before:
        outbox.publish("request.decided", body, at=now)
    elif last.by == SOFTWARE or last.kind is ActKind.RETURNED:
        outbox.publish(f"request.{last.kind}", body, at=now)
