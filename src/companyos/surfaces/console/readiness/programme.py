"""Gathers the programme's registers: matrix, surfaces, exemptions, where processes run, what is overdue (R1, R3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from companyos.adoption.features import queries
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console import gather as console
from companyos.surfaces.console.readiness.pages import OverdueLine, ProgrammePage, TenantCoverage
from companyos.surfaces.console.readiness.surfaces import surfaces_page


def programme(now: datetime) -> ProgrammePage:
    home = console.home("", now)
    surfaces, processes = surfaces_page(now), queries.processes()
    features = {each.slug: each.title for each in queries.features()}
    titles = tenants.titles()
    here = {slug: [each for each in processes if each.tenant == slug] for slug in titles}
    return ProgrammePage(
        now,
        tuple((each.slug, each.title) for each in home.tenants),
        home.matrix,
        surfaces.findings,
        surfaces.seen,
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


def _overdue(now: datetime) -> Iterator[OverdueLine]:
    for feature, judged in queries.all_readiness().items():
        templates = queries.scorecards_of(feature)
        rows = {row.slug: row for card in templates for group in card.groups for row in group.rows}
        for slug, row in judged.rows.items():
            if not row.is_met and row.due_at and row.due_at < now:
                owner = rows[slug].owner.replace("-", " ") if slug in rows else ""
                title = rows[slug].title if slug in rows else slug
                yield OverdueLine(feature, title, slug, owner, row.due_at, row.because)
