"""Gathers a feature's telemetry from the rooms below: queries in, one frozen page out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.safestring import SafeString

from companyos.adoption.features import queries as features
from companyos.adoption.features.domain.types import FeatureRow
from companyos.adoption.flags import queries as flags
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.domain.types import Move
from companyos.adoption.telemetry.domain.baseline import Part, cannot_be_judged
from companyos.adoption.telemetry.domain.metrics import standing
from companyos.adoption.telemetry.operating_evidence import baseline_of, coverage_of
from companyos.adoption.telemetry.queries import (
    alerts,
    baselines,
    definitions,
    exposures,
    funnels,
    metrics,
    objectives,
)
from companyos.adoption.telemetry.queries import uptake as uptakes
from companyos.adoption.telemetry.queries.connection import Events
from companyos.adoption.telemetry.queries.tasks import Span
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform.instance import instance
from companyos.surfaces.console.telemetry import series, tables
from companyos.surfaces.console.telemetry.gather_draws import draws
from companyos.surfaces.console.telemetry.pages import Choice, Drawn, FeatureTelemetry, Filter, ShownSlo, Tile
from companyos.surfaces.console.telemetry.sheets import Sheet
from companyos.surfaces.ui import telemetry_charts as charts
from companyos.surfaces.ui.numbers import count
from companyos.surfaces.ui.telemetry_charts import Mark, Stair

WINDOWS = {"7": "last 7 days", "28": "last 28 days", "90": "last 90 days"}
PARTS = {"variant": "by variant", "tenant": "by tenant", "kind": "by kind of task", "team": "by team"}
TASK_WINDOW = timedelta(hours=4)
_TASKS = funnels.Question((("task_started",), ("task_completed",)), TASK_WINDOW, funnels.Hold.TASK)


@dataclass(frozen=True, slots=True)
class Asked:
    """The page's filters as the address has them; an unknown value falls back to the usual one."""

    days: str = "28"
    tenant: str = ""
    by: str = "variant"

    @classmethod
    def of(cls, given: Mapping[str, str], tenants_known: Mapping[str, str]) -> Asked:
        days, tenant, by = (given.get(name, "") for name in ("days", "tenant", "by"))
        return cls(
            days if days in WINDOWS else "28",
            tenant if tenant in tenants_known else "",
            by if by in PARTS else "variant",
        )

    @property
    def window(self) -> timedelta:
        return timedelta(days=int(self.days))


def scope_of(feature: FeatureRow, now: datetime, *, tenant: str = "") -> metrics.Scope:
    """Return about whom figures of a feature are: everybody it is on for, or one tenant's part of them."""
    cohort = flags.cohort_of(feature.flag)
    people = frozenset(p for where, who in cohort.items() if tenant in {"", where} for p in who)
    where = (tenant,) if tenant else tuple(sorted(tenants.titles()))
    zone = instance().calendar.zone
    return metrics.Scope(
        feature.slug, where, people, now, zone, definitions.catalogue(), feature.owner, whole=not tenant
    )


def tenants_on(feature: FeatureRow) -> tuple[str, ...]:
    return tuple(sorted(where for where, who in flags.cohort_of(feature.flag).items() if who))


def feature(slug: str, given: Mapping[str, str], now: datetime) -> FeatureTelemetry | None:
    row = features.feature(slug)
    if row is None:
        return None
    titles = tenants.titles()
    asked = Asked.of(given, titles)
    scope = scope_of(row, now, tenant=asked.tenant)
    events = scope.events(now - asked.window)
    tiles = tuple(_tile(spec.slug, scope) for spec in scope.catalogue.metrics)
    flag_rows = exposures.exposures(scope.tenants, events.since, now, flag=row.flag)
    on = (asked.tenant,) if asked.tenant else tenants_on(row)
    found = coverage_of(slug, tenants_on=on, people=scope.people, now=now)
    marks = marks_of(slug)
    kept = baseline_of(slug)
    return FeatureTelemetry(
        now,
        slug,
        row.title,
        team_title(row.owner),
        WINDOWS[asked.days],
        titles.get(asked.tenant, "every tenant"),
        len(scope.people),
        _filters(asked, titles),
        tiles,
        _uptake(events, scope),
        _waiting(events, scope),
        _task_funnel(events),
        series.latency(scope, marks),
        series.returning(scope),
        tables.funnel_parts(_parts(events, asked.by), asked.by, titles),
        tables.exposures(flag_rows, titles),
        _crossed(scope, row.flag, events),
        *draws(scope, row.flag, titles),
        tuple(_slo(slo.name, scope) for slo in definitions.objectives(slug)),
        trend_of("task-completion", scope, marks),
        marks,
        found,
        tables.coverage(found, titles),
        tables.ends(found, titles),
        kept,
        identity.name_of(kept.by) if kept else "",
        cannot_be_judged(kept.baseline if kept else None),
        _baseline_sheets(kept, scope, asked),
        tables.metrics(tiles, slug),
    )


def marks_of(slug: str) -> tuple[Mark, ...]:
    """Return what happened to a feature: stages that began, and rollbacks."""
    found: list[Mark] = []
    for plan, *_ in rollouts.plans():
        board = rollouts.board(plan, viewer="", now=instance().now())
        if board is None or board.feature != slug:
            continue
        found += [Mark(s.entered_at, f"{s.title} began") for s in board.stages if s.entered_at]
        bad = {Move.ROLL_BACK, Move.KILL}
        found += [
            Mark(d.at, f"{d.title}: {d.because}", is_bad=True) for d in board.decisions if d.move in bad
        ]
    return tuple(sorted(found, key=lambda each: each.at))


def trend_of(metric: str, scope: metrics.Scope, marks: tuple[Mark, ...]) -> Drawn:
    spec = scope.catalogue.metric(metric)
    if spec is None:
        return Drawn(SafeString(""), "This metric is not in the catalogue.", tables.trend(metric, (), ""))
    points = metrics.trend(spec, scope)
    chart = charts.trend_chart(
        f"trend-{metric}", f"{spec.title} by week", points, spec.unit, spec.target, marks
    )
    return Drawn(
        chart,
        charts.trend_sentence(points, spec.unit, spec.target),
        tables.trend(spec.title, points, spec.unit),
        series.zoom_of_trend(marks, spec.unit),
    )


def team_title(slug: str) -> str:
    titles = {team.slug: team.title for team in identity.teams()}
    return titles.get(slug) or identity.name_of(slug)


def _tile(metric: str, scope: metrics.Scope) -> Tile:
    spec = next(each for each in scope.catalogue.metrics if each.slug == metric)
    figure = metrics.figure(spec, scope)
    return Tile(spec, figure, standing(spec, figure), team_title(spec.owner))


def _filters(asked: Asked, titles: Mapping[str, str]) -> tuple[Filter, ...]:
    where = {"": "Every tenant", **titles}
    return (
        Filter("days", "Window", choices(WINDOWS, asked.days)),
        Filter("tenant", "Tenant", choices(where, asked.tenant)),
        Filter("by", "Tasks", choices(PARTS, asked.by)),
    )


def choices(options: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, title, value == chosen) for value, title in options.items())


def _uptake(events: Events, scope: metrics.Scope) -> Drawn:
    steps = uptakes.uptake(events, scope.zone)
    stairs = tuple(
        Stair(s.title, s.reached, s.share_of_first, s.share_of_previous, s.open, s.dropped, s.median)
        for s in steps
    )
    return Drawn(
        charts.funnel_chart("uptake", "From meeting it to coming back", stairs),
        "",
        tables.funnel("uptake", "From meeting it to coming back", stairs, "uptake"),
    )


def _waiting(events: Events, scope: metrics.Scope) -> Drawn:
    waits = uptakes.first_value(events)
    spec = scope.catalogue.metric("time-to-value")
    target = timedelta(hours=spec.target) if spec and spec.target else None
    chart = charts.wait_chart("waiting", waits, target)
    return Drawn(chart, charts.wait_sentence(waits, target) if waits.people else "", tables.waiting(waits))


def _task_funnel(events: Events) -> Drawn:
    found = next(
        (
            each
            for each in funnels.funnel_by(events, _TASKS, funnels.By.VARIANT)
            if each.part == uptakes.NEW_PATH
        ),
        None,
    )
    titles = ("Tasks begun", "Tasks done")
    stairs = tuple(
        Stair(titles[k], s.reached, s.share_of_first, s.share_of_previous, s.open, s.dropped)
        for k, s in enumerate(found.steps if found else ())
    )
    chart = charts.funnel_chart("tasks", "Tasks on the new path", stairs)
    return Drawn(
        chart,
        "",
        tables.funnel("tasks", "Tasks on the new path", stairs, "funnel_by"),
    )


def _parts(events: Events, by: str) -> tuple[funnels.Funnel, ...]:
    team_of = {person.slug: person.team for person in identity.everybody()} if by == "team" else None
    return funnels.funnel_by(events, _TASKS, funnels.By(by), team_of=team_of)


def _crossed(scope: metrics.Scope, flag: str, events: Events) -> str:
    """Say who met more than one variant since the feature is on: such people blur a comparison."""
    rows = exposures.crossed_exposures(scope.tenants, events.since, scope.now, flag=flag)
    crossed = sum(row.crossed for row in rows)
    if not crossed:
        return ""
    people = sum(row.people for row in rows)
    return f"{count(crossed, 'person', 'people')} of {people} met more than one variant in this window."


def _slo(name: str, scope: metrics.Scope) -> ShownSlo:
    slo = next(each for each in definitions.objectives(scope.feature) if each.name == name)
    status = objectives.status(slo, tenants=scope.tenants, zone=scope.zone, now=scope.now)
    return ShownSlo(
        status,
        charts.budget_bar(f"budget-{name}", status),
        charts.slo_strip(f"strip-{name}", status),
        tables.burns(status),
        tables.slo_days(status),
        sum(each.slo == name for each in alerts.open_alerts()),
        charts.budget_words(status.budget.left) if status.budget.left is not None else "",
    )


def _baseline_sheets(
    kept: baselines.BaselineRow | None, scope: metrics.Scope, asked: Asked
) -> tuple[Sheet, ...]:
    if kept is None:
        return ()
    span = Span(scope.feature, scope.tenants, scope.now - asked.window, scope.now, uptakes.NEW_PATH)
    titles = {team.slug: team.title for team in identity.teams()}
    old = kept.baseline
    whole = (
        replace(old.whole, name="The old path, then"),
        replace(baselines.whole(span), name=f"The new path, {WINDOWS[asked.days]}"),
    )
    return (
        tables.baseline("baseline", "Old path and new", "Path", whole),
        tables.baseline("baseline-teams", "The old path by team", "Team", _titled(old.by_team, titles)),
        tables.baseline(
            "baseline-kinds", "The old path by kind of task", "Kind of task", _worded(old.by_kind)
        ),
    )


def _titled(parts: tuple[Part, ...], titles: Mapping[str, str]) -> tuple[Part, ...]:
    named = (replace(part, name=titles.get(part.name, part.name or "No team")) for part in parts)
    return tuple(sorted(named, key=lambda part: part.name))


def _worded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(replace(part, name=part.name.replace("_", " ").capitalize()) for part in parts)
