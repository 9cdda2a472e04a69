"""The way back over HTTP: on which path I am, back to the old one for a day, and links for a product's people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, NinjaAPI, Router, Schema

from companyos.adoption.flags import actions, queries
from companyos.adoption.flags.domain.refusals import NoSuch
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of

router = Router(tags=["way back"])


class BackIn(Schema):
    reason: str = Field(max_length=20, description="broken, slower, cannot_find or missing")
    words: str = Field("", max_length=500)
    team: str = Field("", max_length=64, description="of the person's own, for its lead")
    context: dict[str, str] = Field(default_factory=dict, max_length=40)


class AnswerIn(Schema):
    tries: bool


class LinksIn(Schema):
    people: list[str] = Field(max_length=1_000)


@router.get("/me/paths/{flag}")
def my_path(request: HttpRequest, flag: str) -> Any:
    """Return on which path I am, until when, and whether I am asked to try the new one again."""
    return _path(actor_of(request), flag)


@router.post("/me/paths/{flag}/back")
def go_back(request: HttpRequest, flag: str, body: BackIn) -> Any:
    """Take me, or the team that I lead, back to the old path for a day. Opens a case with the context."""
    me = actor_of(request)
    actions.switch_back(
        actor=me,
        flag=flag,
        reason=body.reason,
        words=body.words,
        team=body.team,
        context=body.context,
        now=now(),
    )
    return _path(me, flag)


@router.post("/me/paths/{flag}/again")
def try_again(request: HttpRequest, flag: str, body: AnswerIn) -> Any:
    """Answer "it is fixed: try the new path?"; a yes ends my day back."""
    me = actor_of(request)
    if body.tries:
        actions.come_back(actor=me, flag=flag, now=now())
    else:
        actions.answer_again(actor=me, flag=flag, tries=False, now=now())
    return _path(me, flag)


@router.post("/flags/{flag}/way-back-links")
def links(request: HttpRequest, flag: str, body: LinksIn) -> Any:
    """Return a signed link for each person, for thirty days: a product shows it, and one tap needs no sign-in.

    Everybody may have their own; whoever may edit the flag, anybody's.
    """
    me = actor_of(request)
    tokens = {person: actions.link_for(actor=me, flag=flag, person=person) for person in body.people}
    return {
        person: request.build_absolute_uri(reverse("way-back-link", args=[token]))
        for person, token in tokens.items()
    }


def add_way_back(api: NinjaAPI) -> None:
    api.add_router("", router)


def _path(person: str, flag: str) -> Any:
    found = queries.path_of(person, flag, now())
    if found is None:
        raise NoSuch(f"There is no flag {flag!r}.")
    return asdict(found)
