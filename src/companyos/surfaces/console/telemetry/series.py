"""Series over time of one feature: response time by minute, and who comes back week by week."""

from __future__ import annotations

from datetime import timedelta

from companyos.adoption.telemetry.queries import actives, metrics, outcomes
from companyos.adoption.telemetry.queries.uptake import NEW_PATH
from companyos.surfaces.console.telemetry.pages import Drawn, Zoom
from companyos.surfaces.console.telemetry.sheets import Column, Sheet
from companyos.surfaces.console.telemetry.tables import N
from companyos.surfaces.ui import series_charts
from companyos.surfaces.ui.telemetry_charts import Mark

LATENCY_SPAN = timedelta(hours=24)
WEEKS_BACK = 8


def latency(scope: metrics.Scope, marks: tuple[Mark, ...]) -> Drawn:
    """Response times of the last 24 hours, minute by minute (R157)."""
    since = scope.now - LATENCY_SPAN
    minutes = outcomes.latency_by_minute(scope.events(since), path=NEW_PATH)
    columns = (
        Column("minute", "Minute"),
        Column("p50_ms", "p50", "ms"),
        Column("p95_ms", "p95", "ms"),
        Column("p99_ms", "p99", "ms"),
        Column("n", "n", N),
    )
    rows = tuple((m.start, m.p50, m.p95, m.p99, m.n) for m in minutes)
    empty = "No task was done on the new path in the last 24 hours."
    sheet = Sheet("latency", "Response time by minute", columns, rows, empty, "latency_by_minute")
    shown = tuple(mark for mark in marks if mark.at >= since)
    return Drawn(
        series_charts.minutes_chart("latency", minutes, since, scope.now),
        series_charts.minutes_sentence(minutes),
        sheet,
        Zoom("minute", (("p50_ms", "p50, ms"), ("p95_ms", "p95, ms"), ("p99_ms", "p99, ms")), shown)
        if len(rows) > 1
        else None,
    )


def returning(scope: metrics.Scope) -> Drawn:
    """Of the people who did their first task in a week, how many did one in each later week."""
    since = scope.now - timedelta(weeks=WEEKS_BACK)
    cells = actives.weekly_retention(scope.events(since), scope.zone, path=NEW_PATH)
    known = tuple(each for each in cells if each.of)
    columns = (
        Column("week", "First task in the week of"),
        Column("later", "Weeks later", N),
        Column("people", "Came back", N),
        Column("of", "Of", N),
        Column("share", "Share", "share"),
        Column("complete", "Whole week"),
    )
    rows = tuple((c.cohort, c.later, c.people, c.of, c.people / c.of, c.complete) for c in known)
    sheet = Sheet("returning", "Who comes back", columns, rows, "Nobody did a task on it yet.", "retention")
    chart = series_charts.retention_chart("returning", known)
    return Drawn(chart, series_charts.retention_sentence(known), sheet)


def zoom_of_trend(marks: tuple[Mark, ...], unit: str) -> Zoom:
    """What of a metric's weeks a closer look shows."""
    return Zoom(
        "week_of", (("value", "Value"), ("low", "Low end"), ("high", "High end")), marks, unit == "share"
    )
