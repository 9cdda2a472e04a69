"""Banners over HTTP: mine for now and my answer, for programs that show it; and making and ending them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import Field, NinjaAPI, Router, Schema

from companyos.change.comms.actions import NoSuch, NotYours, Refused
from companyos.change.comms.actions import banners as actions
from companyos.change.comms.domain.banners import Audience, Severity
from companyos.change.comms.domain.drafts import USUAL_PRIORITY, Draft
from companyos.change.comms.queries import banners as queries
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of, tell_refusals

router = Router(tags=["banners"])
_SLUGS: Any = Field(default_factory=list, max_length=500)


class BannerIn(Schema):
    title: str = Field(max_length=80)
    words: str = Field(max_length=300)
    ends_at: datetime
    starts_at: datetime | None = None
    severity: Severity = Severity.INFO
    tenants: list[str] = _SLUGS
    teams: list[str] = _SLUGS
    departments: list[str] = _SLUGS
    notice: str = Field("", max_length=36)
    link: str = Field("", max_length=300)
    link_words: str = Field("", max_length=60)
    dismissible: bool = True
    needs_ack: bool = False
    priority: int = Field(USUAL_PRIORITY, ge=1, le=9)


class EndIn(Schema):
    because: str = Field(max_length=300)


@router.get("/me/banner")
def my_banner(request: HttpRequest) -> Any:
    """Return the one banner to show me now, by which rule and why; `banner` is null when there is none.

    Asking counts as showing it. It stays the same until I answer, it ends, or one that matters more comes.
    """
    choice = actions.see(actor=actor_of(request), now=now())
    told = choice.shown
    shown = None if told is None else {
        "id": told.id, "title": told.title, "words": told.words, "link": told.link, "link_words": told.link_words,
        "severity": told.severity, "ends_at": told.over_at, "dismissible": told.dismissible,
        "needs_ack": told.needs_ack,
    }  # fmt: skip
    return {"banner": shown, "rule": choice.rule, "because": choice.because}


@router.post("/me/banners/{banner}/dismiss")
def dismiss(request: HttpRequest, banner: str) -> Any:
    """Send a banner away; it never comes back to me."""
    actions.dismiss(actor=actor_of(request), banner=banner, now=now())
    return {"dismissed": True}


@router.post("/me/banners/{banner}/acknowledge")
def acknowledge(request: HttpRequest, banner: str) -> Any:
    """Say that I know, of a banner that asks for it; its notice is acknowledged, too."""
    actions.acknowledge(actor=actor_of(request), banner=banner, now=now())
    return {"acknowledged": True}


@router.get("/banners")
def read_banners(request: HttpRequest) -> Any:
    """Return banners, the latest start first, each with its audience and what became of it in figures."""
    rows = queries.banners()
    became = queries.answers(rows)
    return [{**asdict(row), "became": asdict(became[row.id])} for row in rows]


@router.post("/banners")
def make_banner(request: HttpRequest, body: BannerIn) -> Any:
    """Make a banner; for whoever leads a team. A moment without a zone is UTC."""
    said = body.dict(exclude={"tenants", "teams", "departments", "starts_at", "ends_at"})
    draft = Draft(
        **said,
        audience=Audience(tuple(body.tenants), tuple(body.teams), tuple(body.departments)),
        starts_at=_utc(body.starts_at) if body.starts_at else None,
        ends_at=_utc(body.ends_at),
    )
    return JsonResponse({"id": actions.make(actor=actor_of(request), draft=draft, now=now())}, status=201)


@router.post("/banners/{banner}/end")
def end_banner(request: HttpRequest, banner: str, body: EndIn) -> Any:
    """End a banner before its time, with a reason that stays with it."""
    actions.end(actor=actor_of(request), banner=banner, because=body.because, now=now())
    return {"ended": True}


def add_banners(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(api, {NoSuch: 404, NotYours: 403, Refused: 409})


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
