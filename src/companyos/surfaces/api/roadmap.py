"""Suggestions, votes and RFCs over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import Field, NinjaAPI, Router, Schema

from companyos.people.identity import queries as identity
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of, tell_refusals
from companyos.work.roadmap import actions, queries
from companyos.work.roadmap.domain.types import Place, RfcState

router = Router(tags=["roadmap"])
_STATUS = {actions.NoSuch: 404, actions.NotYours: 403, actions.Refused: 409}
_REASON = Field(max_length=2_000)


class SuggestIn(Schema):
    tenant: str = Field(max_length=64)
    title: str = Field(max_length=160)
    body: str = Field("", max_length=10_000)
    feature: str = Field("", max_length=64)
    private: bool = False


class PlaceIn(Schema):
    place: Place
    because: str = _REASON
    fix: str = Field("", max_length=200)


class MergeIn(Schema):
    into: str = Field(max_length=36)
    because: str = _REASON


class DraftIn(Schema):
    title: str = Field(max_length=160)
    body: str = Field("", max_length=100_000)
    feature: str = Field("", max_length=64)


class CommentIn(Schema):
    text: str = Field(max_length=5_000)
    line: int = Field(0, ge=0, le=100_000)
    blocking: bool = False
    answers: int | None = None


class MoveIn(Schema):
    state: RfcState
    because: str = _REASON


class ReasonIn(Schema):
    because: str = _REASON


class ExtendIn(ReasonIn):
    until: datetime


class ReviewerIn(Schema):
    person: str = Field(max_length=64)


@router.get("/suggestions")
def read_suggestions(request: HttpRequest) -> Any:
    """Return what I may see, the most wanted first; raw and weighted votes both, and a team's credit beside them."""
    rows = queries.suggestions(reader=actor_of(request), at=now())
    return [{**asdict(each), "with_credit": each.with_credit} for each in rows]


@router.get("/suggestions/similar")
def read_similar(request: HttpRequest, text: str) -> Any:
    """Return up to five suggestions that say nearly the same as what is being typed."""
    return [asdict(each) for each in queries.similar_to(text[:400], reader=actor_of(request))]


@router.post("/suggestions")
def suggest(request: HttpRequest, body: SuggestIn) -> Any:
    made = actions.suggest(actor=actor_of(request), **body.dict(), now=now())
    return JsonResponse({"id": made}, status=201)


@router.post("/suggestions/{suggestion}/vote")
def vote(request: HttpRequest, suggestion: str) -> Any:
    actions.vote(actor=actor_of(request), tenant=_home(request), suggestion=suggestion, now=now())
    return {"voted": True}


@router.post("/suggestions/{suggestion}/take-back")
def take_back(request: HttpRequest, suggestion: str) -> Any:
    actions.take_back(actor=actor_of(request), suggestion=suggestion, now=now())
    return {"taken_back": True}


@router.post("/suggestions/{suggestion}/merge")
def merge(request: HttpRequest, suggestion: str, body: MergeIn) -> Any:
    """Let another suggestion carry this one: its votes count there, a person's once. It can be taken back."""
    actions.merge(
        actor=actor_of(request), suggestion=suggestion, into=body.into, because=body.because, now=now()
    )
    return {"merged": True}


@router.post("/suggestions/{suggestion}/unmerge")
def unmerge(request: HttpRequest, suggestion: str) -> Any:
    actions.unmerge(actor=actor_of(request), suggestion=suggestion, now=now())
    return {"merged": False}


@router.post("/suggestions/{suggestion}/place")
def place(request: HttpRequest, suggestion: str, body: PlaceIn) -> Any:
    """Place a suggestion on the roadmap; every voter is told the reason."""
    told = actions.place(
        actor=actor_of(request),
        suggestion=suggestion,
        to=body.place,
        because=body.because,
        fix=body.fix,
        now=now(),
    )
    return {"told": told}


@router.get("/me/answers")
def read_answers(request: HttpRequest) -> Any:
    """Return what I was told of what I voted for."""
    return [asdict(each) for each in queries.answers_for(actor_of(request))]


@router.get("/rfcs")
def read_rfcs(request: HttpRequest, words: str = "") -> Any:
    return [asdict(each) for each in queries.rfcs(words=words[:200])]


@router.get("/rfcs/{number}")
def read_rfc(request: HttpRequest, number: int) -> Any:
    found = queries.find_rfc(number)
    if found is None:
        raise actions.NoSuch(f"There is no RFC {number}.")
    return {
        **asdict(found),
        "reviewers": [{"person": person, "approved_at": at} for person, at in queries.reviewers(number)],
        "threads": [asdict(each) for each in queries.threads(number)],
        "history": [asdict(each) for each in queries.history(number)],
    }


@router.post("/rfcs")
def begin_rfc(request: HttpRequest, body: DraftIn) -> Any:
    made = actions.draft(actor=actor_of(request), **body.dict(), now=now())
    return JsonResponse({"number": made}, status=201)


@router.post("/rfcs/{number}/comments")
def comment(request: HttpRequest, number: int, body: CommentIn) -> Any:
    made = actions.comment(actor=actor_of(request), number=number, **body.dict(), now=now())
    return JsonResponse({"id": made}, status=201)


@router.post("/rfcs/{number}/reviewers")
def ask_reviewer(request: HttpRequest, number: int, body: ReviewerIn) -> Any:
    actions.ask_reviewer(actor=actor_of(request), number=number, person=body.person, now=now())
    return {"asked": body.person}


@router.post("/rfcs/{number}/approve")
def approve(request: HttpRequest, number: int) -> Any:
    actions.approve(actor=actor_of(request), number=number, now=now())
    return {"approved": True}


@router.post("/rfcs/{number}/move")
def move(request: HttpRequest, number: int, body: MoveIn) -> Any:
    """Move an RFC by its table of states; of a decision the reason is the rationale."""
    actions.move(actor=actor_of(request), number=number, to=body.state, because=body.because, now=now())
    return {"state": body.state}


@router.post("/rfcs/{number}/extend")
def extend(request: HttpRequest, number: int, body: ExtendIn) -> Any:
    actions.extend(actor=actor_of(request), number=number, until=body.until, because=body.because, now=now())
    return {"until": body.until}


@router.post("/rfcs/comments/{comment_id}/resolve")
def resolve(request: HttpRequest, comment_id: int, body: ReasonIn) -> Any:
    actions.resolve(actor=actor_of(request), comment_id=comment_id, because=body.because, now=now())
    return {"resolved": True}


def add_roadmap(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(api, _STATUS)


def _home(request: HttpRequest) -> str:
    me = actor_of(request)
    return next((each.tenant for each in identity.everybody() if each.slug == me), "")
