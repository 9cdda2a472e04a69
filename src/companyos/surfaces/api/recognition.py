"""Recognition over HTTP: badges, credits, the spotlight, the swag budget."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from ninja import Field, NinjaAPI, Router, Schema

from companyos.change.recognition import actions, queries
from companyos.change.recognition.signed import signed_badge
from companyos.platform.instance import instance, now
from companyos.surfaces.api.answering import actor_of, tell_refusals

router = Router(tags=["recognition"])
_STATUS = {actions.NoSuch: 404, actions.NotYours: 403, actions.Refused: 409}
_REASON = Field(max_length=500)
_AMOUNT = Field(ge=0, le=999_999_999, description="In hundredths of the currency.")


class ReasonIn(Schema):
    because: str = _REASON


class VoteIn(Schema):
    suggestion: str = Field(max_length=36)


class BudgetIn(ReasonIn):
    amount: int = _AMOUNT
    currency: str = Field(max_length=3)
    second: str = Field("", max_length=64)


class ClaimIn(Schema):
    team: str = Field(max_length=64)
    what: str = Field(max_length=200)
    amount: int = _AMOUNT


class DecideIn(ReasonIn):
    approves: bool


class SpendIn(Schema):
    amount: int = _AMOUNT
    note: str = _REASON


@router.get("/recognition/standings")
def read_standings(request: HttpRequest) -> Any:
    """Return how each team stood when it was last judged, with the numbers."""
    return [asdict(each) for each in queries.standings()]


@router.get("/recognition/badges")
def read_badges(request: HttpRequest) -> Any:
    return [asdict(each) for each in queries.badges()]


@router.get("/recognition/badges/{badge}")
def read_badge(request: HttpRequest, badge: UUID) -> Any:
    found = queries.find_badge(str(badge))
    if found is None:
        raise actions.NoSuch("There is no such badge.")
    return asdict(found)


@router.get("/recognition/badges/{badge}/credential")
def read_credential(request: HttpRequest, badge: UUID) -> Any:
    """Return a badge as a signed credential, verifiable offline."""
    found = queries.find_badge(str(badge))
    if found is None:
        raise actions.NoSuch("There is no such badge.")
    if found.revoked_at is not None:
        raise actions.Refused("This badge was taken back.")
    return signed_badge(found, instance().folder, settings.PUBLIC_URL)


@router.post("/recognition/badges/{badge}/revoke")
def revoke(request: HttpRequest, badge: UUID, body: ReasonIn) -> Any:
    actions.revoke(actor=actor_of(request), badge=str(badge), because=body.because, now=now())
    return {"revoked": True}


@router.get("/recognition/credits")
def read_credits(request: HttpRequest) -> Any:
    return [asdict(each) for each in queries.credits_given()]


@router.get("/recognition/spotlights")
def read_spotlights(request: HttpRequest) -> Any:
    return [asdict(each) for each in queries.spotlights()]


@router.get("/recognition/spotlights/vote")
def read_vote(request: HttpRequest) -> Any:
    """Return the vote that is open, or the next one: what is nominated, and mine. Who suggested it is not told yet."""
    vote = queries.current_vote(actor_of(request), now(), queries.company_zone())
    plain = asdict(vote)
    for each in plain["nominations"]:
        each["own"] = actor_of(request) in each.pop("by")
    return plain


@router.post("/recognition/spotlights/{quarter}/vote")
def vote(request: HttpRequest, quarter: str, body: VoteIn) -> Any:
    actions.vote(
        actor=actor_of(request), quarter=quarter, suggestion=body.suggestion, now=now(),
        zone=queries.company_zone(),
    )  # fmt: skip
    return {"voted": True}


@router.get("/recognition/ledger")
def read_ledger(request: HttpRequest) -> Any:
    """Return the budgets of all quarters with claims and lines; amounts are in hundredths of the currency."""
    return [asdict(each) for each in queries.ledgers()]


@router.post("/recognition/ledger/{quarter}/budget")
def set_budget(request: HttpRequest, quarter: str, body: BudgetIn) -> Any:
    actions.set_budget(
        actor=actor_of(request), quarter=quarter, **body.dict(), now=now(), zone=queries.company_zone()
    )
    return {"set": True}


@router.post("/recognition/claims")
def claim(request: HttpRequest, body: ClaimIn) -> Any:
    made = actions.claim(actor=actor_of(request), **body.dict(), now=now(), zone=queries.company_zone())
    return JsonResponse({"id": made}, status=201)


@router.post("/recognition/claims/{claim}/decide")
def decide(request: HttpRequest, claim: UUID, body: DecideIn) -> Any:
    actions.decide(actor=actor_of(request), claim=str(claim), **body.dict(), now=now())
    return {"approved": body.approves}


@router.post("/recognition/claims/{claim}/spend")
def spend(request: HttpRequest, claim: UUID, body: SpendIn) -> Any:
    """Keep what an approved claim cost; the rest of what was approved is free again."""
    actions.spend(actor=actor_of(request), claim=str(claim), **body.dict(), now=now())
    return {"spent": body.amount}


def add_recognition(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(api, _STATUS)
