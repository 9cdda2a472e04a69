"""Flags and segments over HTTP: everybody with a key reads; the flag's own team and the program's leads change it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, NinjaAPI, Query, Router, Schema

from companyos.adoption.flags import actions, queries
from companyos.adoption.flags.domain.arms import check_split
from companyos.adoption.flags.domain.change import Outlook
from companyos.adoption.flags.domain.documents import Malformed, flag_from, plain, segment_from
from companyos.adoption.flags.domain.reach import named
from companyos.adoption.flags.domain.refusals import NoSuch, NotYours, Refused, Unclear
from companyos.adoption.flags.domain.rows import FlagRow, VersionRow
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of, tell_refusals

MOST = 200
_REASON = Field(max_length=500)
router = Router(tags=["flags"])
segments = Router(tags=["segments"])


class ReasonIn(Schema):
    reason: str = _REASON


class VersionedIn(ReasonIn):
    version: int


class CreateIn(ReasonIn):
    flag: dict[str, Any]
    exemption: str = Field("", max_length=500)


class ChangeIn(VersionedIn):
    changes: dict[str, Any]
    exemption: str = Field("", max_length=500)


class PreviewIn(Schema):
    changes: dict[str, Any]
    exemption: str = Field("", max_length=500)


class PreviewNewIn(Schema):
    flag: dict[str, Any]
    exemption: str = Field("", max_length=500)


class RevertIn(VersionedIn):
    to: int


class ScheduleIn(ReasonIn):
    at: datetime
    changes: dict[str, Any]
    exemption: str = Field("", max_length=500)


class SegmentIn(ReasonIn):
    segment: dict[str, Any]
    version: int = 0


class Page(Schema):
    """Which part of a list: at most 200 at a time."""

    limit: int = Field(50, ge=1, le=MOST)
    offset: int = Field(0, ge=0)


class Filter(Page):
    kind: str = ""
    state: str = ""
    owner: str = ""
    q: str = Field("", max_length=100)
    stale: bool = False


@router.get("")
def list_flags(request: HttpRequest, filters: Query[Filter]) -> Any:
    found = [row for row in queries.flag_rows(now()) if _fits(row, filters)]
    page = found[filters.offset : filters.offset + filters.limit]
    return {"flags": [_line(row) for row in page], "total": len(found)}


@router.post("")
def create_flag(request: HttpRequest, body: CreateIn) -> Any:
    spec = flag_from(body.flag)
    saved = actions.create(
        actor=actor_of(request), spec=spec, because=body.reason, now=now(), skip_because=body.exemption
    )
    return _answer(request, spec.key, saved, status=201)


@router.get("/stale")
def stale_flags(request: HttpRequest, page: Query[Page]) -> Any:
    found = [row for row in queries.flag_rows(now()) if row.marks]
    shown = found[page.offset : page.offset + page.limit]
    return {"flags": [_line(row) for row in shown], "total": len(found)}


@router.post("/preview")
def preview_new(request: HttpRequest, body: PreviewNewIn) -> Any:
    spec = flag_from(body.flag)
    return _preview(
        actions.preview_new(actor=actor_of(request), spec=spec, now=now(), skip_because=body.exemption)
    )


@router.get("/{key}")
def read_flag(request: HttpRequest, key: str) -> Any:
    detail = queries.flag_detail(key, now()) or _missing(key)
    met = queries.exposures(key, now())
    spec = detail.row.state.spec
    split = check_split(spec.arms, dict(met.by_variant)) if spec.arms and met.rows else None
    return {
        **_line(detail.row),
        "document": plain(detail.row.state.spec),
        "teams": [{"team": t.team, "on": t.on, "people": t.people} for t in detail.teams],
        "variants": dict(detail.variants),
        "scheduled": [
            {"id": s.id, "at": s.at, "author": s.author, "reason": s.because, "outcome": s.outcome, "told": s.told,
             "what": [c.sentence for c in s.changes]}
            for s in detail.scheduled
        ],
        "to_come": plain(detail.to_come) if detail.to_come else None,
        "needed_by": detail.needed_by,
        "hashing": detail.hashing,
        "ruleset": detail.ruleset,
        "exposures": plain(met),
        "split": plain(split) if split else None,
    }  # fmt: skip


@router.patch("/{key}")
def change_flag(request: HttpRequest, key: str, body: ChangeIn) -> Any:
    saved = actions.change(
        actor=actor_of(request),
        key=key,
        changes=body.changes,
        version=body.version,
        because=body.reason,
        now=now(),
        skip_because=body.exemption,
    )
    return _answer(request, key, saved)


@router.post("/{key}/preview")
def preview_change(request: HttpRequest, key: str, body: PreviewIn) -> Any:
    return _preview(
        actions.preview_change(
            actor=actor_of(request), key=key, changes=body.changes, now=now(), skip_because=body.exemption
        )
    )


@router.get("/{key}/versions")
def list_versions(request: HttpRequest, key: str, page: Query[Page]) -> Any:
    if queries.state_of(key) is None:
        _missing(key)
    return {"versions": [_version(each) for each in queries.versions(key, page.limit, page.offset)]}


@router.post("/{key}/kill")
def kill_flag(request: HttpRequest, key: str, body: ReasonIn) -> Any:
    return _answer(
        request, key, actions.kill(actor=actor_of(request), key=key, because=body.reason, now=now())
    )


@router.post("/{key}/unkill")
def unkill_flag(request: HttpRequest, key: str, body: VersionedIn) -> Any:
    saved = actions.unkill(
        actor=actor_of(request), key=key, version=body.version, because=body.reason, now=now()
    )
    return _answer(request, key, saved)


@router.post("/{key}/revert")
def revert_flag(request: HttpRequest, key: str, body: RevertIn) -> Any:
    saved = actions.revert(
        actor=actor_of(request), key=key, to=body.to, version=body.version, because=body.reason, now=now()
    )
    return _answer(request, key, saved)


@router.post("/{key}/schedules")
def schedule_change(request: HttpRequest, key: str, body: ScheduleIn) -> Any:
    if body.at.tzinfo is None:
        raise Unclear("A moment has a zone, as 2027-01-04T09:00:00+01:00.", "at")
    scheduled = actions.schedule(
        actor=actor_of(request),
        key=key,
        at=body.at,
        changes=body.changes,
        because=body.reason,
        now=now(),
        skip_because=body.exemption,
    )
    return _created(request, {"id": scheduled})


@router.post("/{key}/schedules/{scheduled}/cancel")
def cancel_schedule(request: HttpRequest, key: str, scheduled: str, body: ReasonIn) -> Any:
    actions.cancel(actor=actor_of(request), key=key, scheduled=scheduled, because=body.reason, now=now())
    return {"cancelled": True}


@segments.get("")
def list_segments(request: HttpRequest, page: Query[Page]) -> Any:
    rows = queries.segment_rows()
    shown = rows[page.offset : page.offset + page.limit]
    return {"segments": [plain(row) for row in shown], "total": len(rows)}


@segments.get("/{slug}")
def read_segment(request: HttpRequest, slug: str) -> Any:
    row = queries.segment_row(slug)
    if row is None:
        raise NoSuch(f"There is no segment {slug!r}.")
    return plain(row)


@segments.post("")
def create_segment(request: HttpRequest, body: SegmentIn) -> Any:
    spec = segment_from(body.segment)
    if queries.segment_row(spec.slug) is not None:
        raise Refused(f"There is a segment {spec.slug!r} already. Change that one, or choose another name.")
    version = actions.save_segment(
        actor=actor_of(request), spec=spec, version=0, because=body.reason, now=now()
    )
    return _created(request, {"slug": spec.slug, "version": version})


@segments.put("/{slug}")
def change_segment(request: HttpRequest, slug: str, body: SegmentIn) -> Any:
    spec = segment_from({**body.segment, "slug": slug})
    if queries.segment_row(slug) is None:
        raise NoSuch(f"There is no segment {slug!r}.")
    version = actions.save_segment(
        actor=actor_of(request), spec=spec, version=body.version, because=body.reason, now=now()
    )
    return {"slug": slug, "version": version}


def add_to(api: NinjaAPI) -> None:
    """Put the routes and the refusals of flags on the API."""
    api.add_router("/flags", router)
    api.add_router("/segments", segments)
    statuses: dict[type[Exception], int] = {
        Unclear: 400,
        NotYours: 403,
        NoSuch: 404,
        Refused: 409,
        Malformed: 400,
    }
    tell_refusals(api, statuses, path="path", rule="rule")


def _fits(row: FlagRow, wanted: Filter) -> bool:
    spec = row.state.spec
    words = f"{spec.key} {spec.title} {spec.feature}".lower()
    return (
        wanted.kind in {"", spec.kind}
        and wanted.state in {"", row.word}
        and wanted.owner in {"", spec.owner}
        and wanted.q.lower() in words
        and (bool(row.marks) or not wanted.stale)
    )


def _line(row: FlagRow) -> dict[str, Any]:
    spec, killed = row.state.spec, row.state.killed
    return {
        "key": spec.key,
        "title": spec.title,
        "kind": spec.kind,
        "owner": spec.owner,
        "feature": spec.feature,
        "lifecycle": spec.lifecycle,
        "state": row.word,
        "version": row.state.version,
        "expires": _day(spec.expires),
        "killed": plain(killed) if killed else None,
        "driven_by": row.state.driven_by or None,
        "on": row.on,
        "tenants": [{"tenant": t.tenant, "on": t.on, "people": t.people} for t in row.tenants],
        "changed_at": row.changed_at,
        "stale": [{"rule": mark.rule, "because": mark.because} for mark in row.marks],
    }


def _version(row: VersionRow) -> dict[str, Any]:
    return {
        "version": row.version,
        "at": row.at,
        "author": row.author,
        "reason": row.because,
        "change": row.change,
        "what": [each.sentence for each in row.changes],
        "diff": [{"field": c.field, "before": c.before, "after": c.after} for c in row.changes],
        "on": row.on,
        "new": row.new,
        "lose": row.lose,
        "ruleset": row.ruleset,
        "exemption": row.exemption or None,
    }


def _preview(told: Outlook) -> dict[str, Any]:
    names, seen = queries.names(), told.seen
    return {
        "says": seen.sentence,
        "on": seen.on,
        "new": seen.new,
        "lose": seen.lose,
        "switch": seen.switch,
        "who_loses_it": named(seen.lose, names),
        "tenants": [{"tenant": t.tenant, "on": t.on, "people": t.people} for t in seen.tenants],
        "teams": [
            {"team": t.team, "on": t.on, "new": t.new, "lose": t.lose, "people": t.people} for t in seen.teams
        ],
        "variants": dict(seen.variants),
        "unknown_attributes": seen.unknown_attributes,
        "growth": plain(told.proof),
        "refused": {"rule": told.rule, "because": told.refusal} if told.refusal else None,
    }


def _answer(request: HttpRequest, key: str, saved: actions.Saved, status: int = 200) -> Any:
    content = {"key": key, "version": saved.version, "ruleset": saved.ruleset, "says": saved.reach.sentence}
    return _created(request, content) if status == 201 else content


def _created(request: HttpRequest, content: dict[str, Any]) -> Any:
    from companyos.surfaces.api.urls import api

    return api.create_response(request, content, status=201)


def _missing(key: str) -> Any:
    raise NoSuch(f"There is no flag {key!r}.")


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
