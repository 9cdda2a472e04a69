"""Gathers the pages that look across features: the list, one metric, the event catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from companyos.adoption.features import queries as features
from companyos.adoption.features.domain.types import FeatureRow
from companyos.adoption.telemetry.domain.catalogue import Catalogue, MetricSpec, orphans
from companyos.adoption.telemetry.domain.metrics import Figure, standing
from companyos.adoption.telemetry.operating_evidence import coverage_of
from companyos.adoption.telemetry.queries import (
    alerts,
    catalogue_seen,
    company,
    definitions,
    metrics,
    objectives,
)
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console.telemetry.gather import (
    WINDOWS,
    Asked,
    marks_of,
    scope_of,
    team_title,
    tenants_on,
    trend_of,
)
from companyos.surfaces.console.telemetry.pages import (
    CataloguePage,
    Choice,
    Drawn,
    Filter,
    MetricPage,
    TelemetryHome,
    Zoom,
)
from companyos.surfaces.console.telemetry.sheets import Column, Link, Sheet, State, Value
from companyos.surfaces.console.telemetry.tables import N
from companyos.surfaces.ui import numbers
from companyos.surfaces.ui import telemetry_charts as charts
from companyos.surfaces.ui.numbers import count, measure
from companyos.surfaces.ui.telemetry_charts import Mark

_DAY = timedelta(days=1)


def home(given: Mapping[str, str], now: datetime) -> TelemetryHome:
    """Every feature at a glance. The company's figures come from sums by day, never from events."""
    asked = Asked.of(given, {})
    first, end = (now - asked.window).date(), (now + _DAY).date()
    rows = company.overview(first, end)
    catalogue = definitions.catalogue()
    seen = catalogue_seen.events_seen(now)
    known = {event.name for event in catalogue.events}
    choices = tuple(Choice(value, title, value == asked.days) for value, title in WINDOWS.items())
    return TelemetryHome(
        now,
        WINDOWS[asked.days],
        (Filter("days", "Window", choices),),
        _features(rows, now),
        _days(first, end),
        _by_tenant(rows),
        len({row.event for row in seen if row.event not in known}),
        _breaks(catalogue),
    )


def metric(slug: str, given: Mapping[str, str], now: datetime) -> MetricPage | None:
    """One metric, per feature and per tenant."""
    catalogue = definitions.catalogue()
    spec, rows = catalogue.metric(slug), features.features()
    if spec is None or not rows:
        return None
    row = next((each for each in rows if each.slug == given.get("feature")), rows[0])
    scope, marks = scope_of(row, now), marks_of(row.slug)
    figure = metrics.figure(spec, scope)
    criteria = [each for each in catalogue.criteria_of(row.slug) if each.slug in spec.serves]
    stars = {each.north_star for each in criteria}
    return MetricPage(
        now,
        spec,
        team_title(spec.owner),
        f"last {count(spec.window_days, 'day', 'days')}",
        row.slug,
        row.title,
        (Filter("feature", "Feature", tuple(Choice(f.slug, f.title, f is row) for f in rows)),),
        figure,
        standing(spec, figure),
        trend_of(slug, scope, marks),
        marks,
        _figures("by-tenant", "Tenant", spec, _per_tenant(spec, row, now)),
        _figures(
            "by-feature", "Feature", spec, ((f.title, metrics.figure(spec, scope_of(f, now))) for f in rows)
        ),
        catalogue.events_for(slug),
        tuple(f"{each.title} ({team_title(each.owner)})" for each in criteria),
        tuple(
            f"{each.title} ({team_title(each.owner)})" for each in catalogue.north_stars if each.slug in stars
        ),
        spec.source or spec.query,
    )


def catalogue_page(now: datetime) -> CataloguePage:
    catalogue, seen = definitions.catalogue(), catalogue_seen.events_seen(now)
    known = {event.name for event in catalogue.events}
    return CataloguePage(
        now,
        _events(catalogue, _arrivals(seen)),
        _all_metrics(catalogue),
        _chain(catalogue),
        _unknown(_arrivals(each for each in seen if each.event not in known)),
        _refused(catalogue_seen.refused_seen(now)),
        _breaks(catalogue),
    )


def _features(rows: tuple[company.TenantFeature, ...], now: datetime) -> Sheet:
    columns = (
        Column("feature", "Feature"),
        Column("people_on", "Have it", N),
        Column("active", "Active, 7 days", N),
        Column("done", "Tasks done", N),
        Column("completion", "Completion", "share"),
        Column("budget_left", "Smallest budget left", "share"),
        Column("coverage", "Coverage", "share"),
        Column("alerts", "Open alerts", N),
    )
    told = tuple(_feature(row, rows, now) for row in features.features())
    return Sheet("features", "Features", columns, told, "No feature has been proposed yet.", "overview")


def _feature(row: FeatureRow, rows: tuple[company.TenantFeature, ...], now: datetime) -> tuple[Value, ...]:
    scope, mine = scope_of(row, now), [each for each in rows if each.feature == row.slug]
    found = coverage_of(row.slug, tenants_on=tenants_on(row), people=scope.people, now=now)
    left = [
        objectives.status(slo, tenants=scope.tenants, zone=scope.zone, now=now).budget.left
        for slo in definitions.objectives(row.slug)
    ]
    return (
        Link(row.title, f"/telemetry/{row.slug}"),
        len(scope.people),
        _value_of("active-users", scope),
        sum(each.completed for each in mine),
        _value_of("task-completion", scope),
        _left_of(min((each for each in left if each is not None), default=None)),
        found.share,
        sum(each.feature == row.slug for each in alerts.open_alerts()),
    )


def _left_of(budget: float | None) -> Value:
    overspent = budget is not None and budget < 0
    return (
        State("failed", f"Spent {numbers.number(1 - (budget or 0), 1)} times over") if overspent else budget
    )


def _value_of(slug: str, scope: metrics.Scope) -> float | None:
    spec = scope.catalogue.metric(slug)
    return metrics.figure(spec, scope).value if spec else None


def _days(first: date, end: date) -> Drawn:
    days = company.overview_by_day(first, end)
    columns = (
        Column("day", "Day (UTC)"),
        Column("people", "Active people", N),
        Column("begun", "Tasks begun", N),
        Column("done", "Tasks done", N),
        Column("failed", "Failures", N),
        Column("events", "Events", N),
    )
    rows = tuple((d.day, d.people, d.started, d.completed, d.failed, d.events) for d in days)
    sheet = Sheet("days", "The company by day", columns, rows, "Nothing came in.", "overview_by_day")
    done = [(d.day, d.completed) for d in days]
    chart = charts.day_bars("days-done", "Tasks done by day", done)
    zoom = Zoom("day", (("done", "Tasks done"), ("failed", "Failures")), _every_mark())
    return Drawn(chart, charts.days_sentence(done), sheet, zoom if len(rows) > 1 else None)


def _every_mark() -> tuple[Mark, ...]:
    """What happened to any feature, in order."""
    found = (mark for each in features.features() for mark in marks_of(each.slug))
    return tuple(sorted(found, key=lambda mark: mark.at))


def _by_tenant(rows: tuple[company.TenantFeature, ...]) -> Sheet:
    titles, names = tenants.titles(), {f.slug: f.title for f in features.features()}
    columns = (
        Column("tenant", "Tenant"),
        Column("feature", "Feature"),
        Column("people", "Active people", N),
        Column("begun", "Tasks begun", N),
        Column("done", "Tasks done", N),
        Column("failed", "Failures", N),
        Column("p50_ms", "Response p50", "ms"),
        Column("p95_ms", "Response p95", "ms"),
        Column("last", "Last seen"),
    )
    told = tuple(
        (
            titles.get(r.tenant, r.tenant),
            names.get(r.feature, r.feature or "none named"),
            r.people,
            r.started,
            r.completed,
            r.failed,
            r.p50_ms,
            r.p95_ms,
            r.last,
        )
        for r in rows
    )
    return Sheet("tenants", "By tenant, both paths", columns, told, "No task in this window.", "overview")


def _per_tenant(spec: MetricSpec, row: FeatureRow, now: datetime) -> Iterable[tuple[str, Figure]]:
    titles = tenants.titles()
    for slug in tenants_on(row):
        yield titles.get(slug, slug), metrics.figure(spec, scope_of(row, now, tenant=slug))


def _figures(name: str, first: str, spec: MetricSpec, parts: Iterable[tuple[str, Figure]]) -> Sheet:
    columns = (
        Column(first.lower(), first),
        Column("standing", "Against target"),
        Column("value", "Value", spec.unit),
        Column("low", "From", spec.unit),
        Column("high", "To", spec.unit),
        Column("n", "n", N),
        Column("note", "Note"),
    )
    rows = tuple(
        (title, State(standing(spec, f).value), f.value, f.low, f.high, f.n, f.problem) for title, f in parts
    )
    query = spec.source or spec.query
    return Sheet(name, f"{spec.title} by {first.lower()}", columns, rows, "It is on nowhere yet.", query)


@dataclass(frozen=True, slots=True)
class _Arrived:
    event: str
    events: int
    tenants: int
    last: datetime


def _arrivals(seen: Iterable[catalogue_seen.EventSeen]) -> dict[str, _Arrived]:
    by_event: dict[str, list[catalogue_seen.EventSeen]] = {}
    for row in seen:
        by_event.setdefault(row.event, []).append(row)
    return {
        event: _Arrived(
            event, sum(r.events for r in rows), len({r.tenant for r in rows}), max(r.last for r in rows)
        )
        for event, rows in sorted(by_event.items())
    }


def _events(catalogue: Catalogue, arrived: Mapping[str, _Arrived]) -> Sheet:
    columns = (
        Column("event", "Event"),
        Column("state", "In 90 days"),
        Column("purpose", "What it is and why it is sent"),
        Column("properties", "Properties"),
        Column("pii", "About people"),
        Column("owner", "Owner"),
        Column("serves", "Serves"),
        Column("events", "Events", N),
        Column("last", "Last seen"),
    )
    titles = {m.slug: m.title for m in catalogue.metrics}
    rows = tuple(
        (
            e.name,
            State("live", "Seen") if e.name in arrived else State("never"),
            f"{e.title}. {e.purpose}",
            ", ".join(p.name for p in e.properties) or "none",
            e.pii.value,
            team_title(e.owner),
            ", ".join(titles.get(each, each) for each in e.serves),
            arrived[e.name].events if e.name in arrived else 0,
            arrived[e.name].last.date() if e.name in arrived else None,
        )
        for e in catalogue.events
    )
    return Sheet(
        "events", "Events", columns, rows, "No event is written in program/events.yaml.", "events_seen"
    )


def _unknown(arrived: Mapping[str, _Arrived]) -> Sheet:
    columns = (
        Column("event", "Event"),
        Column("state", "Catalogue"),
        Column("events", "Events", N),
        Column("tenants", "Tenants", N),
        Column("last", "Last seen"),
    )
    rows = tuple((a.event, State("unknown"), a.events, a.tenants, a.last) for a in arrived.values())
    return Sheet(
        "unknown",
        "Not in the catalogue",
        columns,
        rows,
        "Everything that arrives is in the catalogue.",
        "events_seen",
        "Nothing unknown",
    )


def _refused(rows: Iterable[catalogue_seen.Refused]) -> Sheet:
    columns = (
        Column("reason", "Why"),
        Column("tenant", "Tenant"),
        Column("events", "Events", N),
        Column("first", "First"),
        Column("last", "Last"),
    )
    titles = tenants.titles()
    told = tuple(
        (r.reason, titles.get(r.tenant, r.tenant) or "none was readable", r.events, r.first, r.last)
        for r in rows
    )
    return Sheet(
        "refused",
        "Put aside",
        columns,
        told,
        "Every event of the last 30 days could be counted.",
        "refused_seen",
        "Nothing put aside",
    )


def _all_metrics(catalogue: Catalogue) -> Sheet:
    columns = (
        Column("metric", "Metric"),
        Column("what", "What it is"),
        Column("target", "Target"),
        Column("owner", "Owner"),
        Column("serves", "Serves"),
    )
    titles = {c.slug: c.title for c in catalogue.criteria}
    rows = tuple(
        (
            Link(m.title, f"/telemetry/metrics/{m.slug}"),
            m.what,
            measure(m.target, m.unit) if m.target is not None else "none",
            team_title(m.owner),
            ", ".join(titles.get(each, each) for each in m.serves),
        )
        for m in catalogue.metrics
    )
    return Sheet("metrics", "Metrics", columns, rows, "No metric is written in program/metrics.yaml.")


def _chain(catalogue: Catalogue) -> Sheet:
    columns = (
        Column("north_star", "North star"),
        Column("criterion", "Success criterion"),
        Column("owner", "Owner"),
        Column("metrics", "Metrics"),
        Column("events", "Events or evidence"),
    )
    stars = {s.slug: s.title for s in catalogue.north_stars}
    rows = []
    for criterion in catalogue.criteria:
        served = [m for m in catalogue.metrics if criterion.slug in m.serves]
        sources = {e.name for m in served for e in catalogue.events_for(m.slug)} | {
            m.source for m in served if m.source
        }
        rows.append(
            (
                stars.get(criterion.north_star, criterion.north_star),
                criterion.title,
                team_title(criterion.owner),
                ", ".join(m.title for m in served),
                ", ".join(sorted(sources)),
            )
        )
    return Sheet("chain", "From north stars to events", columns, tuple(rows), "No criterion is written.")


def _breaks(catalogue: Catalogue) -> tuple[str, ...]:
    return tuple(f"The {each.kind} {each.name}: {each.says}." for each in orphans(catalogue))
