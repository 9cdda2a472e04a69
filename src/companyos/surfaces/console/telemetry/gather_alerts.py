"""Gathers the page of alerts: what burns, who was paged, who is on call."""

from __future__ import annotations

from datetime import datetime, timedelta

from companyos.adoption.telemetry.domain.alerts import AlertMove, Route
from companyos.adoption.telemetry.domain.openslo import Slo
from companyos.adoption.telemetry.queries import alerts, definitions
from companyos.adoption.telemetry.queries.alerts import AlertRow
from companyos.people.identity import queries as identity
from companyos.surfaces.console.pages import NeedsYou
from companyos.surfaces.console.telemetry.gather import team_title
from companyos.surfaces.console.telemetry.pages import (
    AlertsPage,
    ShownAlert,
    ShownEntry,
    ShownRoute,
    ShownRule,
)
from companyos.surfaces.console.telemetry.sheets import Column, Sheet
from companyos.surfaces.console.telemetry.tables import N

TEST_HOLDS = timedelta(days=90)


def page(viewer: str, now: datetime) -> AlertsPage:
    slos = {each.name: each for each in definitions.objectives()}
    rows, routes = alerts.alerts(), definitions.routes()
    shown = tuple(_alert(row, slos, routes, viewer) for row in rows)
    return AlertsPage(
        now,
        tuple(each for each in shown if each.row.state.is_open),
        tuple(each for each in shown if not each.row.state.is_open),
        tuple(_rule(slo, viewer, now) for slo in slos.values()),
        tuple(_route(route, viewer, now) for route in routes.values()),
        _history(shown),
        _conditions(tuple(slos.values())),
    )


def needs(viewer: str) -> tuple[NeedsYou, ...]:
    """Return what the viewer was paged for and nobody has answered yet: the home page puts it on top."""
    slos, routes = {each.name: each for each in definitions.objectives()}, definitions.routes()
    return tuple(
        NeedsYou(
            f"You are paged: {_title(row, slos, routes)}", row.history[0].because, "/alerts", "Acknowledge it"
        )
        for row in alerts.paged(viewer)
    )


def _alert(row: AlertRow, slos: dict[str, Slo], routes: dict[str, Route], viewer: str) -> ShownAlert:
    route = routes.get(row.route)
    state = row.state
    word = "resolved" if not state.is_open else "acknowledged" if state.acknowledged_by else "paged"
    entries = tuple(
        ShownEntry(
            e.at,
            identity.name_of(e.by),
            _words(e.move),
            e.because,
            identity.name_of(e.person) if e.person else "",
        )
        for e in reversed(row.history)
    )
    may = state.waits_for_an_answer and route is not None and viewer in route.people
    return ShownAlert(
        row, _title(row, slos, routes), word, may, viewer in state.paged, entries, row.history[0].because
    )


def _title(row: AlertRow, slos: dict[str, Slo], routes: dict[str, Route]) -> str:
    if row.is_test:
        route = routes.get(row.route)
        return f"Test page of {route.title if route else row.route}"
    slo = slos.get(row.slo)
    titles = {each.name: each.title for each in slo.conditions} if slo else {}
    what = titles.get(row.condition, row.condition.replace("-", " "))
    return f"{slo.title if slo else row.slo}: budget {what[:1].lower()}{what[1:]}"


def _words(move: AlertMove) -> str:
    return {
        AlertMove.PAGE: "Paged",
        AlertMove.ESCALATE: "Escalated",
        AlertMove.ACKNOWLEDGE: "Acknowledged",
        AlertMove.RESOLVE: "Over",
    }.get(move, move.value)


def _rule(slo: Slo, viewer: str, now: datetime) -> ShownRule:
    route, silence = definitions.route_of(slo), alerts.silence_of(slo.name, now)
    return ShownRule(
        slo.name,
        slo.title,
        slo.feature,
        route.title if route else "Nobody is paged",
        silence,
        identity.name_of(silence.by) if silence else "",
        route is not None and viewer in route.people,
    )


def _route(route: Route, viewer: str, now: datetime) -> ShownRoute:
    tested = alerts.last_tested(route, since=now - TEST_HOLDS)
    return ShownRoute(
        route,
        team_title(route.team),
        identity.name_of(route.on_call_at(now.date())),
        tuple(identity.name_of(each) for each in route.escalates_to),
        tested,
        identity.name_of(tested.state.acknowledged_by) if tested else "",
        viewer in route.people,
    )


def _history(shown: tuple[ShownAlert, ...]) -> Sheet:
    columns = (
        Column("alert", "Alert"),
        Column("at", "At"),
        Column("by", "By"),
        Column("what", "What"),
        Column("person", "Paged"),
        Column("because", "Why"),
    )
    rows = tuple((a.title, e.at, e.by, e.move, e.person, e.because) for a in shown for e in a.entries)
    return Sheet("history", "Every page and answer", columns, rows, "Nobody has been paged yet.")


def _conditions(slos: tuple[Slo, ...]) -> Sheet:
    columns = (
        Column("objective", "Objective"),
        Column("condition", "Rule"),
        Column("window_hours", "Window", "h"),
        Column("burn", "Burn from", N),
        Column("severity", "Then"),
    )
    rows = tuple(
        (slo.title, f"Budget {c.title[:1].lower()}{c.title[1:]}", c.hours, c.burn, c.severity)
        for slo in slos
        for c in slo.conditions
    )
    return Sheet("rules", "Alert rules", columns, rows, "No objective is written in program/slos.yaml.")
