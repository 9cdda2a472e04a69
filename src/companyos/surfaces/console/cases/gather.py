"""Gathers the form of a report with what was captured, and how promises were kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import segno
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString

from companyos.adoption.features import queries as features
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform.outgoing import public_address
from companyos.surfaces.console.cases.pages import (
    Captured,
    Fixes,
    Input,
    Kept,
    LinkPage,
    PromisesPage,
    ReportPage,
)
from companyos.work.cases import evidence, queries
from companyos.work.cases.domain.definition import Definition
from companyos.work.cases.domain.types import Origin
from companyos.work.cases.queries.attainment import ClockOutcome, by_tenant
from companyos.work.cases.web.gather import choices
from companyos.work.cases.web.gather_one import CLOCKS
from companyos.work.cases.web.pages import Choice

PREFIX, CONTEXT = "field-", "context-"
CAPTURED = {
    "page": "Page", "version": "Version", "flags": "Flags as you have them", "trace": "Trace", "browser": "Browser",
    "screen": "Screen", "stage": "Stage",
}  # fmt: skip
_LONG = 300
_LONGEST_PLACE = 200


def report_page(request: HttpRequest, definition: Definition, viewer: str, now: datetime) -> ReportPage:
    """Return the form of a type: empty, from a template, or as it was sent."""
    said, asked = request.POST, request.GET
    home, titles = tenants.of_member(viewer), tenants.titles()
    template = next((t for t in definition.templates if t.slug == asked.get("template")), None)
    values = {name: said.get(PREFIX + name, "") for name in definition.form.get("properties", {})}
    return ReportPage(
        now=now,
        kind=definition.slug,
        title=definition.title,
        summary=definition.summary,
        inputs=tuple(inputs_of(definition, values)),
        tenants=choices({t: titles.get(t, t) for t in home}, said.get("tenant", asked.get("tenant", ""))),
        features=choices(
            {f.slug: f.title for f in features.features()}, said.get("feature", asked.get("feature", ""))
        ),
        severities=choices({s: s.capitalize() for s in definition.severities}, said.get("severity", "")),
        templates=tuple(Choice(t.slug, t.title, t is template) for t in definition.templates),
        captured=captured(request),
        said_title=said.get("title", asked.get("title", ""))[:200],
        body=said.get("body", template.body if template else "")[:20_000],
        key=said.get("key", "") or secrets.token_hex(12),
    )


def link_page(asked: QueryDict) -> LinkPage:
    """Return the link to a form with what it says of where it hangs, also as a QR code (ISO/IEC 18004)."""
    kinds = {each.slug: each.title for each in queries.case_types()}
    titles = {each.slug: each.title for each in features.features()}
    kind, feature = (asked.get(name, "") for name in ("kind", "feature"))
    place = asked.get("page", "")[:_LONGEST_PLACE]
    said = {"feature": feature if feature in titles else "", "page": place}
    form = reverse("case-new", args=[kind]) if kind in kinds else reverse("case-kinds")
    query = urlencode({name: value for name, value in said.items() if value})
    address = public_address(f"{form}{'?' if query else ''}{query}")
    drawn = segno.make(address, error="m", micro=False)
    return LinkPage(
        kinds=choices(kinds, kind),
        features=choices(titles, feature),
        place=place,
        address=address,
        code=SafeString(drawn.svg_inline(omitsize=True, dark="#000", light="#fff", svgclass="qr")),
    )


def captured(request: HttpRequest) -> tuple[Captured, ...]:
    """Return what was captured: by the page that led here, and by the browser. Shown before anything is sent."""
    if request.method == "POST":
        told = {
            name.removeprefix(CONTEXT): value
            for name, value in request.POST.items()
            if name.startswith(CONTEXT)
        }
    else:
        told = {name: request.GET.get(name, "") for name in CAPTURED}
        told["browser"] = told["browser"] or request.headers.get("User-Agent", "")
    return tuple(
        Captured(CONTEXT + name, title, str(told[name])[:500])
        for name, title in CAPTURED.items()
        if told.get(name)
    )


def inputs_of(definition: Definition, values: Mapping[str, str]) -> list[Input]:
    required = set(definition.form.get("required", ()))
    return [
        _input(name, schema, values.get(name, ""), name in required, definition.hints.get(name, {}))
        for name, schema in definition.form.get("properties", {}).items()
    ]


def fields_from(definition: Definition, said: QueryDict) -> dict[str, Any]:
    """Return what was filled in; what cannot be read as its type stays text, and the form says so."""
    found = {
        name: _value(schema, said.get(PREFIX + name, "").strip())
        for name, schema in definition.form.get("properties", {}).items()
    }
    return {name: value for name, value in found.items() if value not in ("", None)}


def promises_page(days: int, now: datetime) -> PromisesPage:
    since = now - timedelta(days=days)
    kept = queries.outcomes(since, now)
    titles = {f.slug: f.title for f in features.features()}
    teams, places = {t.slug: t.title for t in identity.teams()}, tenants.titles()
    times, waiting = queries.fix_times(since, now)
    origins = queries.origins(since, now)
    n = sum(origins.values())
    fixes = [Fixes("Every feature", evidence.fix_figures(times, waiting))]
    for feature in sorted({row.feature for row in times}):
        mine = tuple(row for row in times if row.feature == feature)
        fixes.append(Fixes(titles.get(feature, feature or "No feature"), evidence.fix_figures(mine, None)))
    for tenant, theirs in sorted(by_tenant(times).items()):
        fixes.append(Fixes(places.get(tenant, tenant), evidence.fix_figures(theirs, None)))
    return PromisesPage(
        now=now,
        since=since,
        days=days,
        clocks=_kept(kept, lambda row: row.clock, CLOCKS),
        squads=_kept(kept, lambda row: row.squad, teams),
        features=_kept(kept, lambda row: row.feature, titles),
        tenants=_kept(kept, lambda row: row.tenant, places),
        fixes=tuple(fixes),
        origins=tuple((str(o).replace("_", " ").capitalize(), origins.get(o, 0)) for o in Origin),
        internal=evidence.share_of(origins.get(Origin.INTERNAL_FEEDBACK, 0), n) if n else None,
        missed=sum(not row.kept for row in kept),
    )


def _kept(
    rows: tuple[ClockOutcome, ...], group: Callable[[ClockOutcome], str], titles: Mapping[str, str]
) -> tuple[Kept, ...]:
    names = sorted({group(row) for row in rows}, key=lambda name: titles.get(name, name))
    return tuple(Kept(titles.get(name, name or "None yet"), _share(rows, group, name)) for name in names)


def _share(rows: tuple[ClockOutcome, ...], group: Callable[[ClockOutcome], str], name: str) -> dict[str, Any]:
    theirs = [row for row in rows if group(row) == name]
    return evidence.share_of(sum(row.kept for row in theirs), len(theirs))


def _input(
    name: str, schema: Mapping[str, Any], value: str, is_required: bool, hint: Mapping[str, Any]
) -> Input:
    longest = schema.get("maxLength")
    return Input(
        PREFIX + name,
        schema.get("title", name),
        _kind(schema),
        value,
        is_required,
        choices({str(each): str(each).capitalize() for each in schema.get("enum", ())}, value),
        longest,
        int(hint.get("rows", 3)),
        str(hint.get("says", "")),
    )


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "choice"
    kind = {"number": "number", "integer": "number", "boolean": "tick"}.get(schema.get("type", ""))
    if kind:
        return kind
    if schema.get("format") == "date":
        return "date"
    return "area" if schema.get("maxLength", 0) > _LONG else "text"


def _value(schema: Mapping[str, Any], text: str) -> Any:
    if schema.get("type") == "boolean":
        return True if text == "yes" else None
    if not text or schema.get("type") not in {"number", "integer"}:
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
