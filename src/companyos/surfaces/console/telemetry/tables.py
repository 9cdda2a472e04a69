"""The tables of telemetry's pages, as sheets: each figure with the n it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from companyos.adoption.telemetry.domain.baseline import Part
from companyos.adoption.telemetry.domain.catalogue import Coverage, Life
from companyos.adoption.telemetry.domain.metrics import Point
from companyos.adoption.telemetry.domain.waiting import Waiting
from companyos.adoption.telemetry.queries.exposures import Exposure
from companyos.adoption.telemetry.queries.funnels import Funnel
from companyos.adoption.telemetry.queries.objectives import SloStatus
from companyos.surfaces.console.telemetry.pages import Tile
from companyos.surfaces.console.telemetry.sheets import Column, Link, Sheet, State
from companyos.surfaces.ui.numbers import measure
from companyos.surfaces.ui.telemetry_charts import Stair

N = ""  # the unit of a count
_GAPS = {Life.NOT_CONNECTED: "unconnected"}  # in a coverage map even that is a gap
_VARIANTS = {
    "unified": "New path",
    "existing": "Old path",
    "on": "On",
    "off": "Off",
    "shadow": "In shadow",
    "reverse-shadow": "On, old path beside",
}


def funnel(name: str, title: str, stairs: tuple[Stair, ...], query: str) -> Sheet:
    columns = (
        Column("step", "Step"),
        Column("n", "n", N),
        Column("of_first", "Of first", "share"),
        Column("of_previous", "Of previous", "share"),
        Column("open", "Still open", N),
        Column("dropped", "Dropped", N),
        Column("median_seconds", "Median time"),
    )
    rows = tuple((s.title, s.reached, s.of_first, s.of_previous, s.open, s.dropped, s.median) for s in stairs)
    return Sheet(name, title, columns, rows, "Nobody began in this window.", query)


def funnel_parts(parts: Iterable[Funnel], by: str, titles: Mapping[str, str]) -> Sheet:
    columns = (
        Column(by, by.capitalize() if by != "kind" else "Kind of task"),
        Column("begun", "Begun", N),
        Column("done", "Done", N),
        Column("share_done", "Done of begun", "share"),
        Column("open", "Still open", N),
        Column("dropped", "Dropped", N),
    )
    rows = tuple(
        (
            _part_title(f.part, titles),
            f.began,
            f.finished,
            f.steps[-1].share_of_first,
            f.steps[0].open,
            f.steps[0].dropped,
        )
        for f in parts
    )
    return Sheet(
        "task-parts", f"Tasks by {by}", columns, rows, "No task was begun in this window.", "funnel_by"
    )


def funnel_steps(parts: tuple[Funnel, ...], by: str, titles: Mapping[str, str]) -> Sheet:
    """A funnel's parts side by side: for each step what every part made of it."""
    columns = (
        Column("step", "Step"),
        Column(by, by.capitalize() if by != "kind" else "Kind of task"),
        Column("n", "n", N),
        Column("of_first", "Of first", "share"),
        Column("of_previous", "Of previous", "share"),
        Column("open", "Still open", N),
        Column("dropped", "Dropped", N),
    )
    rows = tuple(
        (
            f"{nth + 1}. {' or '.join(each.steps[nth].events)}",
            _part_title(each.part, titles),
            each.steps[nth].reached,
            each.steps[nth].share_of_first,
            each.steps[nth].share_of_previous,
            each.steps[nth].open,
            each.steps[nth].dropped,
        )
        for nth in range(len(parts[0].steps) if parts else 0)
        for each in parts
    )
    return Sheet(
        "funnel-parts", f"Funnel by {by}", columns, rows, "Nobody began in this window.", "funnel_by"
    )


def waiting(waits: Waiting) -> Sheet:
    columns = (
        Column("within_seconds", "Within"),
        Column("share", "Have their first value", "share"),
        Column("people", "of people", N),
    )
    rows = tuple((each.took, each.share, waits.people) for each in waits.curve)
    return Sheet(
        "time-to-value",
        "Time to first value",
        columns,
        rows,
        "Nobody met it for the first time in this window.",
        "first_value_times",
    )


def exposures(rows: Iterable[Exposure], titles: Mapping[str, str]) -> Sheet:
    columns = (
        Column("variant", "Variant"),
        Column("tenant", "Tenant"),
        Column("people", "People", N),
        Column("evaluations", "Evaluations", N),
        Column("first", "First"),
        Column("last", "Last"),
    )
    told = tuple(
        (
            _VARIANTS.get(e.variant, e.variant),
            titles.get(e.tenant, e.tenant),
            e.people,
            e.evaluations,
            e.first,
            e.last,
        )
        for e in rows
    )
    return Sheet(
        "exposure",
        "Exposure by variant and tenant",
        columns,
        told,
        "Nobody met the flag in this window.",
        "exposures",
    )


def trend(title: str, points: tuple[Point, ...], unit: str) -> Sheet:
    columns = (
        Column("week_of", "Week of"),
        Column("value", "Value", unit),
        Column("low", "From", unit),
        Column("high", "To", unit),
        Column("n", "n", N),
        Column("complete", "Complete"),
        Column("note", "Note"),
    )
    rows = tuple(
        (
            p.since.date(),
            p.figure.value,
            p.figure.low,
            p.figure.high,
            p.figure.n,
            p.complete,
            p.figure.problem,
        )
        for p in points
    )
    return Sheet("trend", f"{title} by week", columns, rows, "It has no weekly trend.")


def metrics(tiles: Iterable[Tile], feature: str) -> Sheet:
    columns = (
        Column("metric", "Metric"),
        Column("standing", "Against target"),
        Column("value", "Value"),
        Column("interval", "Interval"),
        Column("target", "Target"),
        Column("n", "n", N),
        Column("window_days", "Days", N),
        Column("owner", "Owner"),
    )
    rows = tuple(
        (
            Link(t.spec.title, f"/telemetry/metrics/{t.spec.slug}?feature={feature}"),
            State(t.standing.value),
            measure(t.figure.value, t.spec.unit),
            _interval(t.figure.low, t.figure.high, t.spec.unit),
            measure(t.spec.target, t.spec.unit),
            t.figure.n,
            t.spec.window_days,
            t.owner,
        )
        for t in tiles
    )
    return Sheet("metrics", "Metrics", columns, rows, "No metric is written in the program.")


def burns(status: SloStatus) -> Sheet:
    columns = (
        Column("window", "Window"),
        Column("state", "State"),
        Column("burn", "Burn", N),
        Column("limit", "Limit", N),
        Column("bad", "Bad", N),
        Column("n", "n", N),
        Column("severity", "If it burns"),
    )
    rows = tuple(
        (
            _hours(each.condition.hours),
            State(each.state.value),
            each.rate,
            each.condition.burn,
            each.counts.bad,
            each.counts.total,
            each.condition.severity,
        )
        for each in status.burns
    )
    return Sheet(
        f"{status.slo.name}-burns", f"{status.slo.title}: burns", columns, rows, status.problem, status.query
    )


def slo_days(status: SloStatus) -> Sheet:
    columns = (
        Column("day", "Day"),
        Column("bad", "Bad", N),
        Column("n", "n", N),
        Column("share_bad", "Bad", "share"),
    )
    rows = tuple(
        (each.day, each.counts.bad, each.counts.total, each.counts.share_bad) for each in status.days
    )
    return Sheet(
        f"{status.slo.name}-days",
        f"{status.slo.title}: by day",
        columns,
        rows,
        "No request yet.",
        status.query,
    )


def coverage(found: Coverage, titles: Mapping[str, str]) -> Sheet:
    where = found.rows[0].cells if found.rows else ()
    columns = (
        Column("metric", "Success metric"),
        *(Column(cell.tenant, titles.get(cell.tenant, cell.tenant)) for cell in where),
        Column("cadence_days", "Within days", N),
    )
    rows = tuple(
        (
            Link(row.metric.title, f"/telemetry/metrics/{row.metric.slug}"),
            *(State(_GAPS.get(cell.life, cell.life.value)) for cell in row.cells),
            row.metric.cadence_days,
        )
        for row in found.rows
    )
    return Sheet(
        "coverage",
        "Coverage",
        columns,
        rows,
        "No success metric is written, or the feature is on nowhere.",
        "events_seen",
    )


def ends(found: Coverage, titles: Mapping[str, str]) -> Sheet:
    columns = (
        Column("tenant", "Tenant"),
        Column("state", "Both ends"),
        Column("share", "Start and end seen", "share"),
        Column("both", "Cases with both", N),
        Column("cases", "n", N),
    )
    rows = tuple(
        (
            titles.get(e.tenant, e.tenant),
            State("passed", "Enough") if e.is_enough else State("failed", "A gap"),
            e.share,
            e.both,
            e.cases,
        )
        for e in found.ends
    )
    return Sheet(
        "case-ends", "Cases with both ends", columns, rows, "No case should be over yet.", "case_ends"
    )


def baseline(name: str, title: str, first: str, parts: Iterable[Part]) -> Sheet:
    columns = (
        Column("part", first),
        Column("tasks", "n", N),
        Column("success", "Without an error", "share"),
        Column("completion", "Done", "share"),
        Column("latency_p95_ms", "Response p95", "ms"),
        Column("seconds_p50", "Handling p50", "s"),
    )
    rows = tuple((p.name, p.tasks, p.success, p.completion, p.latency_p95_ms, p.seconds_p50) for p in parts)
    return Sheet(name, title, columns, rows, "No task was seen.", "baseline_parts")


def _part_title(part: str, titles: Mapping[str, str]) -> str:
    worded = part.replace("_", " ").replace("-", " ").capitalize()
    return titles.get(part) or _VARIANTS.get(part) or worded or "Other"


def _interval(low: float | None, high: float | None, unit: str) -> str:
    return f"{measure(low, unit)} to {measure(high, unit)}" if low is not None and high is not None else ""


def _hours(hours: float) -> str:
    return f"{hours / 24:g} d" if hours >= 48 else f"{hours:g} h"
