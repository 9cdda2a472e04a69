"""Release notes over HTTP: read, draft, save, approve, publish."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Field, NinjaAPI, Router, Schema

from companyos.change.comms import actions, queries
from companyos.change.comms.domain.drafting import Fragment
from companyos.change.comms.domain.release_editing import Said
from companyos.change.comms.domain.release_notes import MOST_ITEMS, NoteRow, VersionRow, read_by
from companyos.change.comms.domain.types import Size
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of, tell_refusals

router = Router(tags=["release notes"])
_STATUS = {actions.NoSuch: 404, actions.NotYours: 403, actions.Refused: 409}
_VERSION = Field(ge=1, le=1_000_000)


class FragmentIn(Schema):
    name: str = Field(max_length=100)
    text: str = Field(max_length=4_000)
    feature: str = Field("", max_length=50)


class DraftIn(Schema):
    fragments: list[FragmentIn] = Field(default_factory=list, max_length=MOST_ITEMS)


class ItemIn(Schema):
    title: str = Field(max_length=160)
    key: str = Field("", max_length=200)
    words: str = Field("", max_length=4_000)
    link: str = Field("", max_length=300)
    feature: str = Field("", max_length=50)
    tenants: list[str] = Field(default_factory=list, max_length=200)
    size: Size = Size.MINOR
    left_out: bool = False


class SaveIn(Schema):
    version: int = _VERSION
    title: str = Field(max_length=160)
    introduction: str = Field("", max_length=4_000)
    items: list[ItemIn] = Field(max_length=MOST_ITEMS)
    because: str = Field("", max_length=300)


class VersionIn(Schema):
    version: int = _VERSION


@router.get("/release-notes")
def read_release_notes(request: HttpRequest) -> Any:
    """Return the editions, the newest first; those that are not published to who may edit them only."""
    rows = queries.release_notes()
    if not queries.may_edit_release_notes(actor_of(request)):
        rows = tuple(row for row in rows if row.shown)
    texts = queries.texts_of(rows)
    return [{**asdict(row), "title": texts[row.id].title} for row in rows]


@router.get("/release-notes/{note}")
def read_release_note(request: HttpRequest, note: str) -> Any:
    """Return an edition as I read it; to who may edit it its newest version too, with every item."""
    me, row = actor_of(request), queries.release_note(note)
    may_edit = queries.may_edit_release_notes(me)
    if row is None or not (row.shown or may_edit):
        raise actions.NoSuch("There is no such release note.")
    said = {**asdict(row), "reads": _read(row, me) if row.shown else None}
    return {**said, "newest": _newest(row)} if may_edit else said


@router.post("/release-notes")
def draft_release_note(request: HttpRequest, body: DraftIn) -> Any:
    """Draft the next edition now; one that is in the making takes in what is new, and the fragments of a release."""
    fragments = [Fragment(each.name, each.text, each.feature) for each in body.fragments]
    made = actions.draft_release_note(actor=actor_of(request), fragments=fragments, now=now())
    return read_release_note(request, made)


@router.post("/release-notes/{note}/save")
def save_release_note(request: HttpRequest, note: str, body: SaveIn) -> Any:
    """Save a new version. An item whose `key` is not named is left out; one without a key is added by hand."""
    saved = actions.save_release_note(
        actor=actor_of(request), note=note, version=body.version, title=body.title, introduction=body.introduction,
        items=[Said(**{**each.dict(), "tenants": tuple(each.tenants)}) for each in body.items],
        because=body.because, now=now(),
    )  # fmt: skip
    return {"version": saved}


@router.post("/release-notes/{note}/approve")
def approve_release_note(request: HttpRequest, note: str, body: VersionIn) -> Any:
    actions.approve_release_note(actor=actor_of(request), note=note, version=body.version, now=now())
    return {"approved": body.version}


@router.post("/release-notes/{note}/publish")
def publish_release_note(request: HttpRequest, note: str, body: VersionIn) -> Any:
    """Publish it: everybody whom an item concerns is told. Says how many, and how many by mail too."""
    told = actions.publish_release_note(actor=actor_of(request), note=note, version=body.version, now=now())
    return asdict(told)


def add_release_notes(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(api, _STATUS)


def _read(row: NoteRow, reader: str) -> dict[str, Any]:
    """Return what a reader sees: of each item what it tells, not why it was taken in."""
    text = queries.texts_of([row])[row.id]
    told = ("title", "words", "link", "feature", "size")
    items = read_by(text.items, queries.belongs_of(reader))
    shown = [{name: getattr(item, name) for name in told} for item in items]
    return {"title": text.title, "introduction": text.introduction, "items": shown}


def _newest(row: NoteRow) -> dict[str, Any]:
    text: VersionRow | None = queries.version_of(row.id, row.version)
    return asdict(text) if text else {}
