"""Requests over HTTP: ask, answer, read. The path is chosen by the flag of who asks, never by the caller."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, NinjaAPI, Router, Schema, Status

from companyos.people.identity import actions as identity
from companyos.people.identity import queries as identity_queries
from companyos.people.identity.domain.types import Pace, Way
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of, tell_refusals
from companyos.work.approvals import actions, queries
from companyos.work.approvals.domain.types import ActKind, Standing

router = Router(tags=["requests"])
ACTS = {
    "approve": ActKind.APPROVED,
    "decline": ActKind.DECLINED,
    "return": ActKind.RETURNED,
    "delegate": ActKind.DELEGATED,
    "withdraw": ActKind.WITHDRAWN,
    "cancel": ActKind.CANCELLED,
    "take-back": ActKind.TAKEN_BACK,
    "carry-out": ActKind.CARRIED_OUT,
    "comment": ActKind.COMMENTED,
}
_NOTHING = "There is no such request that you may see."
_NOTE = Field("", max_length=2_000)


class AskIn(Schema):
    type: str = Field(max_length=64)
    tenant: str = Field(max_length=64)
    fields: dict[str, Any] = Field(max_length=40)
    key: str = Field("", max_length=80)


class ActIn(Schema):
    note: str = _NOTE
    to: str = Field("", max_length=64)


class AgainIn(Schema):
    fields: dict[str, Any] = Field(max_length=40)
    note: str = _NOTE


class ManyIn(Schema):
    requests: list[str] = Field(max_length=500)
    act: str
    note: str = _NOTE


class StandInIn(Schema):
    to: str = Field("", max_length=64)
    since: datetime | None = None
    until: datetime
    because: str = Field("", max_length=200)


class ToldIn(Schema):
    ways: list[Way] = Field(max_length=4)
    pace: Pace = Pace.AT_ONCE


@router.get("/request-types")
def read_types(request: HttpRequest) -> Any:
    """Say what can be asked for: form, data domain and chain of each type, as its file says."""
    return [
        {"slug": each.slug, "title": each.title, "version": each.version, "data_domain": each.data_domain,
         "form": each.form, "chain": each.document["chain"]}
        for each in queries.latest_types()
    ]  # fmt: skip


@router.post("/requests/preview")
def preview_request(request: HttpRequest, body: AskIn) -> Any:
    """Say where a request would go, and send nothing."""
    told = actions.preview(
        actor=actor_of(request), type_slug=body.type, tenant=body.tenant, fields=body.fields, now=now()
    )
    return {"sentence": told.sentence, "usually": told.usually, "can_be_answered": not told.is_stuck}


@router.post("/requests/answers")
def answer_many(request: HttpRequest, body: ManyIn) -> Any:
    """Approve or decline up to 100 requests; each is judged by itself, and a refusal is told beside it."""
    kind = _kind(body.act)
    said = actions.answer_many(
        actor=actor_of(request), requests=body.requests, kind=kind, note=body.note, now=now(), via="api"
    )
    return {"refused": {each: why for each, why in said.items() if why},
            "done": [each for each, why in said.items() if not why]}  # fmt: skip


@router.post("/requests", response={201: dict[str, Any]})
def ask(request: HttpRequest, body: AskIn) -> Any:
    """Ask. With a `key` of the sender's own, a request that is sent again is kept once."""
    actor = actor_of(request)
    made = actions.ask(
        actor=actor,
        type_slug=body.type,
        tenant=body.tenant,
        fields=body.fields,
        key=body.key,
        now=now(),
        via="api",
    )
    return Status(201, _detail(made, actor))


@router.get("/requests/{request_id}")
def read_request(request: HttpRequest, request_id: str) -> Any:
    return _detail(request_id, actor_of(request))


@router.post("/requests/{request_id}/resubmit")
def ask_again(request: HttpRequest, request_id: str, body: AgainIn) -> Any:
    """Send a returned request again, changed; every step is answered anew."""
    return _standing(
        actions.resubmit(
            actor=actor_of(request),
            request=request_id,
            fields=body.fields,
            note=body.note,
            now=now(),
            via="api",
        )
    )


@router.post("/requests/{request_id}/{act}")
def act_on_request(request: HttpRequest, request_id: str, act: str, body: ActIn) -> Any:
    """Approve, decline, return, delegate, withdraw, cancel, take back, carry out or comment."""
    return _standing(
        actions.act_on(
            actor=actor_of(request),
            request=request_id,
            kind=_kind(act),
            note=body.note,
            to=body.to,
            now=now(),
            via="api",
        )
    )


@router.get("/me/inbox")
def my_inbox(request: HttpRequest) -> Any:
    me = actor_of(request)
    rows, _ = queries.inbox(me)
    waiting = [
        {"request": row.request.id, "title": row.request.title, "step": row.step, "why": row.why,
         "since": row.since, "due_at": row.due_at}
        for row in rows
    ]  # fmt: skip
    return {"waiting": queries.waiting_for(me), "longest": waiting}


@router.get("/me/requests")
def my_requests(request: HttpRequest) -> Any:
    rows = queries.mine(actor_of(request))
    return [
        {"request": row.id, "title": row.title, "status": row.status, "because": row.because,
         "path": row.path, "asked_at": row.asked_at, "is_news": row.is_news}
        for row in rows
    ]  # fmt: skip


@router.post("/me/stand-ins")
def let_answer(request: HttpRequest, body: StandInIn) -> Any:
    """Let a colleague answer for oneself, or say with an empty `to` that one is away."""
    number = actions.stand_in(
        actor=actor_of(request),
        to=body.to,
        since=body.since or now(),
        until=body.until,
        because=body.because,
        now=now(),
    )
    return {"id": number}


@router.post("/me/stand-ins/{number}/end")
def end_stand_in(request: HttpRequest, number: int) -> Any:
    actions.end_stand_in(actor=actor_of(request), number=number, now=now())
    return {"ended": True}


@router.get("/me/told")
def read_how_told(request: HttpRequest) -> Any:
    """Say by which ways one is written to about requests, and how soon one hears what came of one's own."""
    me = actor_of(request)
    whom = identity_queries.reached([me]).get(me)
    return {"ways": sorted(whom.ways), "pace": whom.pace} if whom else {"ways": [], "pace": Pace.AT_ONCE}


@router.put("/me/told")
def choose_how_told(request: HttpRequest, body: ToldIn) -> Any:
    """Choose it. Without a way, the pages alone tell."""
    identity.choose_how_told(actor=actor_of(request), ways=body.ways, pace=body.pace, now=now())
    return {"ways": sorted(set(body.ways)), "pace": body.pace}


@router.get("/traces/{trace}")
def read_trace(request: HttpRequest, trace: str) -> Any:
    """A process from its request through approvals and execution to its record (R14)."""
    report = queries.report_of_trace(trace, actor_of(request))
    if report is None:
        raise actions.NoSuchRequest(_NOTHING)
    return report


def add_approvals(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(
        api,
        {
            actions.NoSuchRequest: 404,
            actions.NotAllowed: 403,
            actions.Unclear: 422,
            actions.Refused: 409,
        },
        field="path",
    )


def _detail(request_id: str, reader: str) -> dict[str, Any]:
    found = queries.detail(request_id)
    if found is None or not (reader == found.row.requester or queries.may_read(reader, request_id)):
        raise actions.NoSuchRequest(_NOTHING)
    return {
        "id": found.row.id,
        "number": found.row.number,
        "type": found.row.type,
        "type_version": found.definition.version,
        "path": found.row.path,
        "status": found.row.status,
        "because": found.row.because,
        "round": found.round,
        "trace": found.trace,
        "fields": found.fields,
        "asked": [
            {"step": a.step, "person": a.person, "why": a.why, "due_at": a.due_at} for a in found.asked
        ],
        "acts": [
            {"kind": a.kind, "by": a.by, "at": a.at, "step": a.step, "note": a.note} for a in found.acts
        ],
    }


def _standing(standing: Standing) -> dict[str, Any]:
    asked = [{"step": a.step, "person": a.person, "why": a.why} for a in standing.asked]
    return {"status": standing.status, "because": standing.because, "round": standing.round, "asked": asked}


def _kind(act: str) -> ActKind:
    if act not in ACTS:
        raise actions.NoSuchRequest(f"There is no act {act!r}; there are {', '.join(ACTS)}.")
    return ACTS[act]
