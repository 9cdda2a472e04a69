"""Triage and duplicates over HTTP: what a report is and whose, a person's word for it, and the models behind it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, NinjaAPI, Router, Schema

from companyos.people.tenants import queries as tenants
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of, tell_refusals
from companyos.work.feedback import actions, queries
from companyos.work.feedback.domain.standing import Share, standing
from companyos.work.feedback.domain.types import Found, Report, Suggestion

router = Router(tags=["triage"])
_STATUS = {
    actions.NoSuchReport: 404,
    actions.NotYours: 403,
    actions.Unclear: 422,
    actions.Overtaken: 409,
    actions.Refused: 409,
}
_MOST = 200


class TextIn(Schema):
    title: str = Field(max_length=200)
    body: str = Field("", max_length=20_000)


class ReportIn(TextIn):
    feature: str = Field("", max_length=50)
    type: str = Field("", max_length=32)
    severity: str = Field("", max_length=16)


class CorrectionIn(Schema):
    squad: str = Field(max_length=50)
    type: str = Field(max_length=32)
    severity: str = Field(max_length=16)
    reason: str = Field("", max_length=500)


class ReasonIn(Schema):
    reason: str = Field(max_length=500)


class UseIn(ReasonIn):
    version: int | None = None


@router.get("/triage")
def read_queue(request: HttpRequest) -> Any:
    """Return what waits for a person's word: of the tenants you are in, and what is sent to your squads."""
    me = actor_of(request)
    waiting = queries.open_suggestions(
        tenants=tenants.of_member(me), squads=actions.squads_of(me), most=_MOST
    )
    return [_plain(each) for each in waiting]


@router.post("/triage/suggest")
def suggest(request: HttpRequest, body: ReportIn) -> Any:
    """Say what a report would be and whose, without keeping it."""
    judged, version = queries.judged_now(
        Report(body.title, body.body, body.feature, body.type, body.severity)
    )
    return {"version": version, "judged": [asdict(each) for each in judged]}


@router.post("/triage/similar")
def read_similar(request: HttpRequest, body: TextIn) -> Any:
    """Return the five cases of your tenants that read most alike."""
    return plain_found(
        queries.similar(title=body.title, body=body.body, tenants=tenants.of_member(actor_of(request)))
    )


@router.post("/triage/{case}/accept")
def accept(request: HttpRequest, case: UUID) -> Any:
    """Accept type, severity and owner for your squad."""
    return _plain(actions.accept(actor=actor_of(request), case=str(case), now=now()))


@router.post("/triage/{case}/correct")
def correct(request: HttpRequest, case: UUID, body: CorrectionIn) -> Any:
    """Say otherwise: settled when the squad is yours, handed on when it is another."""
    answered = actions.correct(
        actor=actor_of(request),
        case=str(case),
        squad=body.squad,
        case_type=body.type,
        severity=body.severity,
        because=body.reason,
        now=now(),
    )
    return _plain(answered)


@router.get("/triage/models")
def read_models(request: HttpRequest, days: int = 30) -> Any:
    """Return the versions, which of them answers, and how triage did in the last days."""
    found = standing(queries.suggestions_since(now() - timedelta(days=max(1, min(days, 90)))))
    return {
        "in_use": queries.version_in_use(),
        "versions": [asdict(each) for each in queries.versions()],
        "uses": [asdict(each) for each in queries.uses()],
        "training": asdict(training) if (training := queries.latest_training()) else None,
        "standing": {
            "suggested": found.suggested,
            "accuracy": _share(found.right),
            "accuracy_when_sure": _share(found.right_when_sure),
            "coverage": _share(found.covered),
            "override_rate": _share(found.overridden),
        },
    }


@router.post("/triage/trainings")
def train(request: HttpRequest, body: ReasonIn) -> Any:
    """Ask that the model learns anew from every answer given."""
    return {"training": actions.ask_training(actor=actor_of(request), because=body.reason, now=now())}


@router.post("/triage/models/use")
def put_into_use(request: HttpRequest, body: UseIn) -> Any:
    """Let a version answer from now on; without a version, the ownership rules."""
    actions.put_into_use(actor=actor_of(request), version=body.version, because=body.reason, now=now())
    return {"in_use": body.version}


def plain_found(found: Found) -> dict[str, Any]:
    return asdict(found)


def add_triage(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(api, _STATUS)


def _plain(each: Suggestion) -> dict[str, Any]:
    return {**asdict(each), "queue": each.queue, "open": each.is_open}


def _share(share: Share) -> dict[str, Any]:
    return {"value": share.value, "n": share.n, "low": share.low, "high": share.high}
