"""Sessions over HTTP: read, sign in, ask and answer, hold, waive, move."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from ninja import Field, NinjaAPI, Router, Schema

from companyos.change.sessions import actions, queries
from companyos.change.sessions.domain.standing import standing
from companyos.change.sessions.domain.types import SessionRow
from companyos.platform.instance import instance, now
from companyos.surfaces.api.answering import actor_of, tell_refusals

router = Router(tags=["sessions"])
_STATUS = {actions.NoSuch: 404, actions.NotYours: 403, actions.Unsaid: 422, actions.Refused: 409}


class TextIn(Schema):
    text: str = Field(max_length=2_000)


class OutcomeIn(Schema):
    outcome: str = Field(max_length=5_000)


class ReasonIn(Schema):
    because: str = Field(max_length=1_000)


class MoveIn(ReasonIn):
    begins_at: datetime


class LinkIn(Schema):
    title: str = Field(max_length=160)
    link: str = Field(max_length=400)


@router.get("/sessions")
def read_sessions(request: HttpRequest, since: datetime | None = None, until: datetime | None = None) -> Any:
    """Return the sessions that begin between two moments, in order; without `since`, from now on."""
    return [_told(row) for row in queries.sessions(since=_aware(since) or now(), until=_aware(until))]


@router.get("/sessions/{session}")
def read_session(request: HttpRequest, session: UUID) -> Any:
    """Return a session with who was there, what was asked, its links and its changes."""
    row = queries.find(str(session))
    if row is None:
        raise actions.NoSuch("There is no such session.")
    return {
        **_told(row),
        "invited": queries.invited(row.id),
        "attended": [asdict(each) for each in queries.attended(row.id)],
        "questions": [asdict(each) for each in queries.asked(row.id)],
        "material": [asdict(each) for each in queries.material(row.id)],
        "changes": [asdict(each) for each in queries.changes(row.id)],
        "yield": asdict(queries.yield_of_hour(row)),
    }


@router.post("/sessions/{session}/sign-in")
def sign_in(request: HttpRequest, session: UUID) -> Any:
    actions.sign_in(actor=actor_of(request), session=str(session), now=now())
    return {"signed_in": True}


@router.post("/sessions/{session}/questions")
def ask(request: HttpRequest, session: UUID, body: TextIn) -> Any:
    made = actions.ask(actor=actor_of(request), session=str(session), text=body.text, now=now())
    return JsonResponse({"id": made}, status=201)


@router.post("/sessions/{session}/questions/{question}/answer")
def answer(request: HttpRequest, session: UUID, question: int, body: TextIn) -> Any:
    actions.answer(
        actor=actor_of(request), session=str(session), question=question, text=body.text, now=now()
    )
    return {"answered": True}


@router.post("/sessions/{session}/hold")
def hold(request: HttpRequest, session: UUID, body: OutcomeIn) -> Any:
    """Say that it took place and what came of it; its host does."""
    actions.hold(actor=actor_of(request), session=str(session), outcome=body.outcome, now=now())
    return {"held": True}


@router.post("/sessions/{session}/waive")
def waive(request: HttpRequest, session: UUID, body: ReasonIn) -> Any:
    """Go on without it; somebody does who leads a team, and not the squad that owns the feature."""
    actions.waive(actor=actor_of(request), session=str(session), because=body.because, now=now())
    return {"waived": True}


@router.post("/sessions/{session}/move")
def move(request: HttpRequest, session: UUID, body: MoveIn) -> Any:
    actions.move(
        actor=actor_of(request), session=str(session), begins_at=_zoned(body.begins_at), because=body.because,
        now=now(),
    )  # fmt: skip
    return {"begins_at": _zoned(body.begins_at)}


@router.post("/sessions/{session}/call-off")
def call_off(request: HttpRequest, session: UUID, body: ReasonIn) -> Any:
    actions.call_off(actor=actor_of(request), session=str(session), because=body.because, now=now())
    return {"called_off": True}


@router.post("/sessions/{session}/material")
def add_material(request: HttpRequest, session: UUID, body: LinkIn) -> Any:
    made = {"title": body.title, "link": body.link}
    actions.add_material(actor=actor_of(request), session=str(session), **made, now=now())
    return JsonResponse(made, status=201)


def add_sessions(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(api, _STATUS)


def _told(row: SessionRow) -> dict[str, Any]:
    stands = standing(row, calendar=instance().calendar, now=now())
    return {**asdict(row), "state": stands.state, "because": stands.because, "rule": stands.rule}


def _aware(at: datetime | None) -> datetime | None:
    return _zoned(at) if at else None


def _zoned(at: datetime) -> datetime:
    """A moment without a zone is one of the company's own time."""
    return at if at.tzinfo else at.replace(tzinfo=instance().calendar.zone)
