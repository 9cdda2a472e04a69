"""Playbooks, drills and support packs over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import Field, NinjaAPI, Router, Schema

from companyos.change.playbooks import actions, queries
from companyos.change.playbooks.domain import macros
from companyos.change.playbooks.domain.reading import document_of
from companyos.change.playbooks.domain.types import ItemKind, PlaybookRow
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of, tell_refusals

router = Router(tags=["playbooks"])
_STATUS = {
    actions.NoSuch: 404,
    actions.NotYours: 403,
    actions.Refused: 409,
    macros.UnknownVariable: 422,
}


class BeginIn(Schema):
    scenario: str = Field(max_length=500)
    roles: dict[str, str] = Field(default_factory=dict, description="role: person")
    feature: str | None = Field(
        None, max_length=64, description="of a recovery: whose plan; empty: the whole system"
    )


class TickIn(Schema):
    step: int = Field(ge=1, le=1000)
    holds: bool
    evidence: str = Field("", max_length=2000)
    link: str = Field("", max_length=300)


class EndIn(Schema):
    lost_minutes: float | None = Field(None, ge=0)
    abandoned: str = Field("", max_length=300, description="why it is broken off; empty: it is not")


class FindingIn(Schema):
    says: str = Field(max_length=500)
    owner: str = Field(max_length=64)
    due_on: date


class FillIn(Schema):
    values: dict[str, str] = Field(default_factory=dict)


@router.get("/playbooks")
def read_playbooks(request: HttpRequest) -> Any:
    """Return every playbook in its newest version."""
    return [_told(row) for row in queries.playbooks()]


@router.get("/playbooks/{slug}")
def read_playbook(request: HttpRequest, slug: str) -> Any:
    """Return a playbook, its earlier versions and its drills."""
    rows = queries.versions(slug)
    if not rows:
        raise actions.NoSuch(f"There is no playbook {slug!r}.")
    return {
        **_told(rows[0]),
        "versions": [_told(row) for row in rows],
        "drills": [_with_time(each.id) for each in queries.drills(playbook=slug, limit=50)],
    }


@router.post("/playbooks/{slug}/drills")
def begin(request: HttpRequest, slug: str, body: BeginIn) -> Any:
    """Begin a drill; its time runs from here."""
    made = actions.begin_drill(actor=actor_of(request), playbook=slug, **body.dict(), now=now())
    return JsonResponse({"id": made}, status=201)


@router.get("/drills/{drill}")
def read_drill(request: HttpRequest, drill: str) -> Any:
    """Return a drill with its steps, what was said of each, and what came of it."""
    return _with_time(drill) | {
        "ticks": [asdict(each) for each in queries.ticks(drill)],
        "findings": [asdict(each) for each in queries.findings(drill)],
    }


@router.post("/drills/{drill}/ticks")
def tick(request: HttpRequest, drill: str, body: TickIn) -> Any:
    """Keep that a step is done and whether its check held."""
    actions.tick_step(actor=actor_of(request), drill=_known(drill), **body.dict(), now=now())
    return JsonResponse({"ticked": body.step}, status=201)


@router.post("/drills/{drill}/end")
def end(request: HttpRequest, drill: str, body: EndIn) -> Any:
    """End a drill; it is judged, and the judgement kept."""
    return asdict(actions.end_drill(actor=actor_of(request), drill=_known(drill), **body.dict(), now=now()))


@router.post("/drills/{drill}/findings")
def add_finding(request: HttpRequest, drill: str, body: FindingIn) -> Any:
    """Keep what a drill has shown, and open a case for it."""
    case = actions.add_finding(actor=actor_of(request), drill=_known(drill), **body.dict(), now=now())
    return JsonResponse({"case": case}, status=201)


@router.get("/support/{feature}")
def read_pack(request: HttpRequest, feature: str) -> Any:
    """Return a feature's support pack, line by line, with what is missing."""
    pack = queries.support_pack(feature, now())
    return {"share": pack.share, "missing": pack.missing, "lines": [asdict(line) for line in pack.lines]}


@router.post("/support/{feature}/macros/{item}/filled")
def fill(request: HttpRequest, feature: str, item: str, body: FillIn) -> Any:
    """Return a macro with its variables filled, as text and as HTML; nothing is kept."""
    found = queries.find_item(feature, item)
    if found is None or found.kind is not ItemKind.MACRO:
        raise actions.NoSuch("There is no such macro in this pack.")
    unknown = sorted(set(body.values) - set(macros.KNOWN))
    if unknown:
        raise macros.UnknownVariable(
            f"There is no variable {unknown[0]!r}; there are {', '.join(macros.KNOWN)}."
        )
    return {
        "text": macros.filled(found.words, body.values),
        "html": macros.filled_html(found.words, body.values),
        "missing": macros.missing(found.words, body.values),
    }


def add_playbooks(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(api, _STATUS)


def _told(row: PlaybookRow) -> dict[str, Any]:
    return {
        **document_of(row.playbook), "version": row.version, "at": row.at, "by": row.by, "because": row.because,
    }  # fmt: skip


def _known(drill: str) -> str:
    if queries.find_drill(drill) is None:
        raise actions.NoSuch("There is no such drill.")
    return drill


def _with_time(drill: str) -> dict[str, Any]:
    row = queries.find_drill(drill)
    if row is None:
        raise actions.NoSuch("There is no such drill.")
    return {**asdict(row), "seconds": row.seconds, "running": row.runs}
