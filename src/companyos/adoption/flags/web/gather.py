"""Gathers the flags pages: queries in, frozen pages out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from companyos.adoption.flags import queries
from companyos.adoption.flags.domain.arms import check_split
from companyos.adoption.flags.domain.change import Outlook, theirs
from companyos.adoption.flags.domain.diff import diff, in_words, titled
from companyos.adoption.flags.domain.documents import plain
from companyos.adoption.flags.domain.growth import Proof
from companyos.adoption.flags.domain.reach import Preview, TenantCount, named
from companyos.adoption.flags.domain.rows import Exposures, FlagRow, SegmentRow, VersionRow
from companyos.adoption.flags.domain.rules import may_edit, why_not_revert
from companyos.adoption.flags.domain.types import FlagSpec, FlagState, Kind, Lifecycle, SegmentSpec
from companyos.adoption.flags.web.pages import (
    Bar,
    Choice,
    ExposureTable,
    Filters,
    FlagPage,
    Line,
    ListPage,
    Met,
    PreviewPage,
    SegmentLine,
    SegmentPage,
    ToCome,
    VersionLine,
)

PAGE = 50
STATES = ("off", "staged", "org_wide", "killed", "prerelease", "retired", "archived")


def flag_list(asked: Mapping[str, str], now: datetime) -> ListPage:
    """Return the flags that the address asks for; archived ones only when it asks for them."""
    rows, titles = queries.flag_rows(now), queries.names()
    wanted = {name: asked.get(name, "") for name in ("q", "kind", "state", "owner", "stale")}
    found = [row for row in rows if _fits(row, wanted)]
    first = int(asked.get("from", "0")) if asked.get("from", "0").isdigit() else 0
    shown = found[first : first + PAGE]
    return ListPage(
        now,
        tuple(_line(row, titles) for row in shown),
        len(found),
        sum(bool(row.marks) for row in rows),
        _filters(rows, wanted, titles),
        older=_address(wanted, first + PAGE) if first + PAGE < len(found) else "",
        newer=_address(wanted, max(0, first - PAGE)) if first else "",
    )


def flag_page(key: str, viewer: str, now: datetime) -> FlagPage | None:
    """Return the page of one flag."""
    detail = queries.flag_detail(key, now)
    if detail is None:
        return None
    titles, here = queries.names(), queries.world()
    state = detail.row.state
    spec, killed = state.spec, state.killed
    may, met = may_edit(viewer, spec, here), queries.exposures(key, now)
    segments = dict.fromkeys(
        s for part in (*spec.audience.slices, *spec.audience.exceptions) for s in part.segments
    )
    return FlagPage(
        now,
        _line(detail.row, titles),
        state.version,
        spec.description,
        spec.feature,
        titled(titles, "team", spec.owner) or "nobody",
        spec.lifecycle,
        f"{spec.expires:%d %b %Y}".lstrip("0") if spec.expires else "",
        titles.get(killed.by, killed.by) if killed else "",
        killed.because if killed else "",
        killed.at if killed else None,
        (*_stopped(state), *in_words(spec, titles)),
        tuple(Choice(slug, titled(titles, "segment", slug)) for slug in segments),
        spec.audience.requires,
        detail.needed_by,
        detail.teams,
        tuple(each for each in detail.variants if spec.kind is Kind.EXPERIMENT),
        tuple(ToCome(row, titles.get(row.author, row.author)) for row in detail.scheduled),
        detail.to_come,
        tuple(_version(row, state, titles) for row in detail.versions),
        exposure_table(met, titles),
        check_split(spec.arms, dict(met.by_variant)) if spec.kind is Kind.EXPERIMENT and met.rows else None,
        queries.propagation(now=now),
        detail.unknown_attributes,
        detail.hashing,
        may,
        "" if may else theirs(spec),
        len(queries.who_is_back().get(key, ())),
    )


def exposure_table(met: Exposures, titles: Mapping[str, str]) -> ExposureTable:
    """Turn the rows into tenant by variant: tenants are many, variants seldom more than three."""
    tenants = sorted({row.tenant for row in met.rows})
    variants = tuple(sorted({row.variant for row in met.rows}))
    cell = {(row.tenant, row.variant): (row.people, row.evaluations) for row in met.rows}
    rows = tuple(
        Met(titled(titles, "tenant", tenant), tuple(cell.get((tenant, each), (0, 0)) for each in variants))
        for tenant in tenants
    )
    people = dict(met.by_variant)
    everywhere = tuple(people.get(each, 0) for each in variants)
    return ExposureTable(
        variants, rows, everywhere, met.people, met.evaluations, met.window, met.source, met.problem
    )


def preview_page(told: Outlook, before: FlagSpec | None) -> PreviewPage:
    """Say what a change would do."""
    titles, seen = queries.names(), told.seen
    after = told.after
    return PreviewPage(
        seen.sentence,
        told.refusal,
        told.rule,
        _preview_bars(seen, titles),
        seen.teams,
        named(seen.new, titles),
        named(seen.lose, titles),
        named(seen.switch, titles),
        seen.variants if after.kind is Kind.EXPERIMENT else (),
        _shortly(told.proof),
        diff(plain(before), plain(after)) if before else (),
        seen.unknown_attributes,
    )


def _shortly(proof: Proof) -> Proof:
    """In a preview the people are named above; a broken proof only counts them."""
    gone = {person for loss in proof.losses for person in loss.people}
    said = f"{len(gone)} of those who have it now would lose it"
    return replace(proof, because=said) if gone else proof


def _stopped(state: FlagState) -> tuple[str, ...]:
    return ("Stopped: off for everybody, whatever follows.",) if state.answers_off else ()


def segment_list() -> tuple[SegmentLine, ...]:
    titles = queries.names()
    return tuple(_segment(row, titles) for row in queries.segment_rows())


def segment_page(slug: str, now: datetime) -> SegmentPage | None:
    row = queries.segment_row(slug)
    if row is None:
        return None
    titles = queries.names()
    blank = FlagState(FlagSpec("x", "x"))
    versions = tuple(_version(each, blank, titles) for each in queries.segment_versions(slug))
    spec = row.spec
    rule = json.dumps(spec.rule, indent=1, ensure_ascii=False) if spec.rule is not None else ""
    document = json.dumps(plain(spec), indent=1, ensure_ascii=False)
    return SegmentPage(
        now, _segment(row, titles), row.version, segment_in_words(spec, titles), rule, versions,
        row.unknown_attributes, document=document,
    )  # fmt: skip


def segment_in_words(spec: SegmentSpec, titles: Mapping[str, str]) -> tuple[str, ...]:
    """Say who is in a segment, one sentence a line."""
    if spec.rule is not None:
        return ("Whoever the rule below says.",)
    kinds = {"tenant": spec.tenants, "team": spec.teams, "department": spec.departments}
    names = [titled(titles, kind, slug) for kind, slugs in kinds.items() for slug in slugs]
    names += [titles.get(person, person) for person in spec.people]
    lines = [f"Everybody of {', '.join(names)}." if names else "Everybody, whatever their tenant and team,"]
    for each in spec.conditions:
        wanted = " or ".join(map(str, each.values))
        lines.append(f"where {each.attribute} {str(each.test).replace('_', ' ')} {wanted}.")
    return tuple(lines) if names or spec.conditions else ("Nobody yet.",)


def _fits(row: FlagRow, wanted: Mapping[str, str]) -> bool:
    spec = row.state.spec
    text = f"{spec.key} {spec.title} {spec.feature} {spec.description}".lower()
    is_archived = spec.lifecycle is Lifecycle.ARCHIVED
    return (
        wanted["q"].lower() in text
        and wanted["kind"] in {"", spec.kind}
        and wanted["owner"] in {"", spec.owner}
        and (wanted["state"] == row.word or (not wanted["state"] and not is_archived))
        and (bool(row.marks) or not wanted["stale"])
    )


def _filters(rows: Iterable[FlagRow], wanted: Mapping[str, str], titles: Mapping[str, str]) -> Filters:
    owners = sorted({row.state.spec.owner for row in rows if row.state.spec.owner})
    return Filters(
        wanted["q"],
        _choices(Kind, wanted["kind"]),
        _choices(STATES, wanted["state"]),
        tuple(Choice(o, titled(titles, "team", o), o == wanted["owner"]) for o in owners),
        bool(wanted["stale"]),
    )


def _choices(values: Iterable[str], chosen: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(str(v), _WORDS.get(str(v), str(v).replace("_", " ").capitalize()), v == chosen) for v in values
    )


_WORDS = {"staged": "On for some", "org_wide": "On for everybody", "off": "Off", "killed": "Killed"}


def _address(wanted: Mapping[str, str], first: int) -> str:
    return "?" + urlencode({**{name: value for name, value in wanted.items() if value}, "from": first})


def _line(row: FlagRow, titles: Mapping[str, str]) -> Line:
    spec = row.state.spec
    return Line(
        spec.key,
        spec.title,
        spec.kind,
        row.word,
        titled(titles, "team", spec.owner),
        row.on,
        tuple(_bar(each, titles) for each in row.tenants),
        row.created_at,
        row.changed_at,
        row.marks,
        row.state.driven_by,
    )


def _bar(each: TenantCount, titles: Mapping[str, str]) -> Bar:
    return Bar(titled(titles, "tenant", each.tenant), each.on, each.people, round(100 * each.share, 1))


def _preview_bars(seen: Preview, titles: Mapping[str, str]) -> tuple[Bar, ...]:
    def share(n: int, of: int) -> float:
        return round(100 * n / of, 1) if of else 0.0

    return tuple(
        Bar(
            titled(titles, "tenant", each.tenant),
            each.on,
            each.people,
            keep=share(each.on - each.new, each.people),
            new=share(each.new, each.people),
            lose=share(each.lose, each.people),
        )
        for each in seen.tenants
    )


def _version(row: VersionRow, now: FlagState, titles: Mapping[str, str]) -> VersionLine:
    is_current = row.version == now.version
    refusal = "it is this version now" if is_current else why_not_revert(now, row.state)
    return VersionLine(row, titles.get(row.author, row.author), refusal, is_current)


def _segment(row: SegmentRow, titles: Mapping[str, str]) -> SegmentLine:
    spec = row.spec
    return SegmentLine(
        spec.slug, spec.title, titled(titles, "team", spec.owner), spec.description, row.people, row.used_by,
        tuple(_bar(each, titles) for each in row.tenants),
    )  # fmt: skip
