"""Gathers the programme's registers: matrix, surfaces, exemptions, where processes run, what is overdue (R1, R3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from companyos.adoption.features import queries
from companyos.adoption.telemetry.queries.coverage import CasesRan, cases_ran
from companyos.analytics.limits import EngineError
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console import gather as console
from companyos.surfaces.console.readiness.pages import OverdueLine, ProcessLine, ProgrammePage, TenantCoverage
from companyos.surfaces.console.readiness.surfaces import surfaces_page


def programme(now: datetime) -> ProgrammePage:
    home = console.home("", now)
    surfaces, processes = surfaces_page(now), tuple(_processes(now))
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
            TenantCoverage(titles[slug], sum(each.is_covered for each in rows), len(rows))
            for slug, rows in here.items()
            if rows
        ),
        tuple(_overdue(now)),
        queries.regressions(),
        {**features, **titles},
    )


def _processes(now: datetime) -> Iterator[ProcessLine]:
    """Each core process with where its newest cases ran (R1): the tool that is named, or what telemetry counted."""
    known = queries.processes()
    counted = _cases_ran({each.feature for each in known if each.feature}, now)
    for each in known:
        line = ProcessLine(each.title, each.tenant, each.tool, each.why, each.feature)
        if counted is None:
            yield replace(line, n=None)
            continue
        ran = [
            one
            for one in counted
            if (one.feature, one.tenant) == (each.feature, each.tenant)
            and (not each.kinds or one.kind in each.kinds)
        ]
        last = max((one.last for one in ran), default=None)
        yield replace(line, here=sum(one.here for one in ran), n=sum(one.n for one in ran), last=last)


def _cases_ran(features: set[str], now: datetime) -> tuple[CasesRan, ...] | None:
    try:
        return cases_ran(features, now)
    except EngineError:
        return None  # the register stands without the event engine, and says that nothing could be counted


def _overdue(now: datetime) -> Iterator[OverdueLine]:
    for feature, judged in queries.all_readiness().items():
        templates = queries.scorecards_of(feature)
        rows = {row.slug: row for card in templates for group in card.groups for row in group.rows}
        for slug, row in judged.rows.items():
            if not row.is_met and row.due_at and row.due_at < now:
                owner = rows[slug].owner.replace("-", " ") if slug in rows else ""
                title = rows[slug].title if slug in rows else slug
                yield OverdueLine(feature, title, slug, owner, row.due_at, row.because)
