"""Gathers the programme's registers: matrix, surfaces, exemptions, where processes run, what is overdue (R1, R3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import URLPattern, URLResolver, get_resolver

from companyos.adoption.features import queries
from companyos.adoption.telemetry.queries import catalogue_seen
from companyos.analytics.limits import EngineError
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console import gather as console
from companyos.surfaces.console.readiness.pages import Finding, OverdueLine, ProgrammePage, TenantCoverage

_SHOWN = 200


def programme(now: datetime) -> ProgrammePage:
    home = console.home("", now)
    seen = tuple(surfaces_seen(now))
    known, processes = queries.surfaces(), queries.processes()
    features = {each.slug: each.title for each in queries.features()}
    valid = {*features, "platform"}
    findings = tuple(
        each
        for each in seen
        if not any(
            s.kind == each.kind and each.name.startswith(s.begins) and s.feature in valid for s in known
        )
    )
    titles = tenants.titles()
    here = {slug: [each for each in processes if each.tenant == slug] for slug in titles}
    return ProgrammePage(
        now,
        tuple((each.slug, each.title) for each in home.tenants),
        home.matrix,
        findings[:_SHOWN],
        len(seen),
        queries.exemptions(),
        processes,
        tuple(
            TenantCoverage(titles[slug], sum(not each.tool for each in rows), len(rows))
            for slug, rows in here.items()
            if rows
        ),
        tuple(_overdue(now)),
        queries.regressions(),
        {**features, **titles},
    )


def surfaces_seen(now: datetime) -> Iterator[Finding]:
    """Every route, API operation and screen there is: of this instance's addresses, and of telemetry's events."""
    for route in sorted(set(_routes(get_resolver().url_patterns, ""))):
        kind = "operation" if route.startswith("api/v1") else "route"
        yield Finding(kind, route.removeprefix("api/v1") if kind == "operation" else route)
    try:
        seen = catalogue_seen.events_seen(now)
    except EngineError:
        return  # the register of the other surfaces stands without the event engine
    for feature in sorted({each.feature for each in seen if each.feature}):
        yield Finding("screen", feature)


def _routes(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for each in patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _routes(each.url_patterns, path)
        else:
            yield path


def _overdue(now: datetime) -> Iterator[OverdueLine]:
    for feature, judged in queries.all_readiness().items():
        templates = queries.scorecards_of(feature)
        rows = {row.slug: row for card in templates for group in card.groups for row in group.rows}
        for slug, row in judged.rows.items():
            if not row.is_met and row.due_at and row.due_at < now:
                owner = rows[slug].owner.replace("-", " ") if slug in rows else ""
                title = rows[slug].title if slug in rows else slug
                yield OverdueLine(feature, title, slug, owner, row.due_at, row.because)
