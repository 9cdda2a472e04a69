"""What people are told, over HTTP: announcing, migrations, how far it reached, and one's own news."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import Field, NinjaAPI, Router, Schema
from pydantic import AwareDatetime

from companyos.change.comms import actions, queries
from companyos.change.comms.domain.reach import reach_of
from companyos.change.comms.domain.types import NoticeRow, Size
from companyos.platform.instance import instance, now
from companyos.surfaces.api.answering import actor_of, tell_refusals

router = Router(tags=["announcements"])
_STATUS = {actions.NoSuch: 404, actions.NotYours: 403, actions.Refused: 409}


class About(StrEnum):
    """What is announced: something to be told, a migration, the start of a rollout."""

    BY_HAND = "by_hand"
    MIGRATION = "migration"
    START = "start"


class AnnounceIn(Schema):
    """`way_back` says how a migration is taken back; `rollout` is the plan whose start is announced."""

    about: About = About.BY_HAND
    title: str = Field("", max_length=160)
    words: str = Field("", max_length=20_000)
    way_back: str = Field("", max_length=2_000)
    changes_at: AwareDatetime | None = None
    tenants: list[str] = Field([], max_length=50)
    teams: list[str] = Field([], max_length=500)
    feature: str = Field("", max_length=64)
    size: Size = Size.MINOR
    needs_ack: bool = False
    rollout: str = Field("", max_length=64)


class WentIn(Schema):
    went: str = Field(max_length=16)
    because: str = Field("", max_length=250)


class PutOffIn(Schema):
    changes_at: AwareDatetime


@router.post("/announcements")
def announce(request: HttpRequest, body: AnnounceIn) -> Any:
    """Tell tenants or teams something by hand, a migration before it happens, or when a rollout will start."""
    who, at = actor_of(request), now()
    if body.about is About.START:
        made = actions.announce_start(
            actor=who, plan=body.rollout, begins=_moment(body), calendar=instance().calendar, now=at
        )
    elif body.about is About.MIGRATION:
        made = actions.announce_migration(
            actor=who, title=body.title, words=body.words, way_back=body.way_back, changes_at=_moment(body),
            tenants=body.tenants, teams=body.teams, feature=body.feature, size=body.size,
            needs_ack=body.needs_ack, calendar=instance().calendar, now=at,
        )  # fmt: skip
    else:
        made = actions.announce(
            actor=who, title=body.title, words=body.words, tenants=body.tenants, teams=body.teams,
            feature=body.feature, changes_at=body.changes_at, needs_ack=body.needs_ack, size=body.size, now=at,
        )  # fmt: skip
    return JsonResponse({"id": made}, status=201)


@router.get("/announcements")
def read_announcements(request: HttpRequest) -> Any:
    """Return what was announced, the newest first, with how many knew before the change."""
    rows = queries.notices()
    told = queries.receipts(rows)
    return [_with_reach(row, told.get(row.id, ()), now()) for row in rows]


@router.post("/announcements/{notice}/went")
def say_how_it_went(request: HttpRequest, notice: str, body: WentIn) -> Any:
    """Say what became of a migration: done, taken_back or called_off. The thread is answered."""
    actions.say_how_it_went(
        actor=actor_of(request), notice=notice, went=body.went, because=body.because,
        calendar=instance().calendar, now=now(),
    )  # fmt: skip
    return {"said": True}


@router.post("/announcements/{notice}/put-off")
def put_off(request: HttpRequest, notice: str, body: PutOffIn) -> Any:
    """Say that a migration comes at another time. The thread is answered."""
    actions.put_off(
        actor=actor_of(request), notice=notice, changes_at=body.changes_at, calendar=instance().calendar, now=now()
    )  # fmt: skip
    return {"changes_at": body.changes_at}


@router.get("/me/news")
def read_news(request: HttpRequest) -> Any:
    """Return what I was told, the newest first. Reading it here opens nothing."""
    return [asdict(each) for each in queries.news_of(actor_of(request))]


@router.post("/me/news/{notice}/acknowledge")
def acknowledge(request: HttpRequest, notice: str) -> Any:
    """Say that I know."""
    if queries.as_told_to(actor_of(request), notice) is None:
        raise actions.NoSuch("This notice was not told to you.")
    actions.acknowledge(actor=actor_of(request), notice=notice, now=now())
    return {"acknowledged": True}


def add_announcements(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(api, _STATUS)


def _moment(body: AnnounceIn) -> datetime:
    if body.changes_at is None:
        raise actions.Refused("Say when it changes: changes_at, a moment with its zone.")
    return body.changes_at


def _with_reach(row: NoticeRow, told: Any, at: datetime) -> dict[str, Any]:
    reached = reach_of([each.person for each in told], told, changes_at=row.changes_at, now=at)
    return {**asdict(row), "reach": {**asdict(reached), "share": reached.share(needs_ack=row.needs_ack)}}
