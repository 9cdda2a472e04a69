"""The figure of each metric of the catalogue: for a feature, in some tenants, over a period.

Metrics of other domains come by the name of their evidence; where nothing offers it, the figure says "not connected".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from companyos.adoption.telemetry.domain.catalogue import Catalogue, MetricSpec
from companyos.adoption.telemetry.domain.metrics import Figure, Point
from companyos.adoption.telemetry.queries import catalogue_seen, outcomes, uptake
from companyos.adoption.telemetry.queries.connection import Events, engine
from companyos.kernel.evidence import Question, ask, is_offered
from companyos.kernel.stats.binomial import lower_bound, upper_bound

SETTLES_IN = timedelta(hours=4)
CONFIDENCE = 0.95  # each bound alone; both together: 90 %
TREND_WEEKS = 9
_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Scope:
    """About which feature, whose tenants and people, and up to when."""

    feature: str
    tenants: tuple[str, ...]
    people: frozenset[str]
    now: datetime
    zone: ZoneInfo
    catalogue: Catalogue
    owner: str = ""
    whole: bool = True  # False for a part of the tenants

    def events(self, since: datetime) -> Events:
        return Events(self.feature, self.tenants, since, self.now)


def figure(spec: MetricSpec, scope: Scope, *, since: datetime | None = None) -> Figure:
    """Measure a metric over its own window, or from another moment, up to the scope's now."""
    since = since or scope.now - timedelta(days=spec.window_days)
    if spec.source:
        return _of_evidence(spec, scope, since)
    return _MEASURES[spec.query](scope, since)


def trend(spec: MetricSpec, scope: Scope, *, weeks: int = TREND_WEEKS) -> tuple[Point, ...]:
    """Return a figure for each of the last weeks, from Monday to Monday; the running week is not complete."""
    if spec.source:
        return ()
    monday = _monday(scope.now, scope.zone)
    starts = [monday - back * _WEEK for back in range(weeks - 1, -1, -1)]
    return tuple(_point(spec, scope, start) for start in starts)


def _point(spec: MetricSpec, scope: Scope, since: datetime) -> Point:
    until = min(scope.now, since + _WEEK)
    short = replace(scope, now=until)
    return Point(since, until, figure(spec, short, since=since), since + _WEEK <= scope.now)


def _active_people(scope: Scope, since: datetime) -> Figure:
    rows = engine().rows("active_people", **scope.events(since).parameters(), path=uptake.NEW_PATH)
    return Figure(float(rows[0][0]), n=len(scope.people) or None)


def _active_teams(scope: Scope, since: datetime) -> Figure:
    periods = max(1, round((scope.now - since) / _WEEK))
    question = Question(
        scope.feature,
        since,
        scope.now,
        scope.people,
        scope.people,
        parameters={"owner": scope.owner, "periods": periods},
    )
    fact = ask("telemetry.active_teams", question)
    teams = [row for row in fact.details.get("teams", ()) if row["tenant"] in scope.tenants]
    if not teams:
        return Figure(problem="no team of a production tenant has it")
    return Figure(float(sum(bool(row["active"]) for row in teams)), n=len(teams))


def _completion(scope: Scope, since: datetime) -> Figure:
    rows = [
        row
        for row in outcomes.completions(scope.events(since), settled_before=scope.now - SETTLES_IN)
        if row.variant == uptake.NEW_PATH
    ]
    return _share(
        sum(row.done for row in rows), sum(row.settled for row in rows), "no task begun long enough ago"
    )


def _success(scope: Scope, since: datetime) -> Figure:
    rows = [row for row in outcomes.error_rates(scope.events(since)) if row.variant == uptake.NEW_PATH]
    tasks = sum(row.tasks for row in rows)
    return _share(tasks - sum(row.failed for row in rows), tasks, "no task begun")


def _case_ends(scope: Scope, since: datetime) -> Figure:
    rows = catalogue_seen.case_ends(
        scope.catalogue, feature=scope.feature, tenants=scope.tenants, now=scope.now
    )
    return _share(sum(row.both for row in rows), sum(row.cases for row in rows), "no case should be over yet")


def _time_to_value(scope: Scope, since: datetime) -> Figure:
    waits = uptake.first_value(scope.events(since))
    if not waits.people:
        return Figure(problem="nobody met it for the first time", n=0)
    middle = waits.quantile(0.5)
    if middle is None:
        return Figure(problem=f"{waits.open} of {waits.people} people still wait", n=waits.people)
    low, high = waits.interval(0.5, CONFIDENCE)
    return Figure(middle / _HOUR, low / _HOUR if low else None, high / _HOUR if high else None, waits.people)


def _bounce(scope: Scope, since: datetime) -> Figure:
    row = outcomes.bounce(scope.events(since))
    return _share(row.bounced, row.people - row.open, "no first use is over yet")


def _abandonment(scope: Scope, since: datetime) -> Figure:
    rows = outcomes.abandonment(scope.events(since))
    ended = sum(row.done + row.abandoned for row in rows)
    return _share(sum(row.abandoned for row in rows), ended, "no task is over yet")


_MEASURES: dict[str, Callable[[Scope, datetime], Figure]] = {
    "active_people": _active_people,
    "completions": _active_teams,
    "task_completion": _completion,
    "errors_by_variant": _success,
    "case_ends": _case_ends,
    "first_value_times": _time_to_value,
    "bounce": _bounce,
    "abandonment": _abandonment,
}


def _of_evidence(spec: MetricSpec, scope: Scope, since: datetime) -> Figure:
    if not is_offered(spec.source):
        return Figure(problem="its domain is not here yet", connected=False)
    if not scope.whole:
        return _of_tenant(spec, scope, since)
    fact = ask(spec.source, _question(spec, scope, since))
    return Figure(fact.value, fact.low, fact.high, fact.n, fact.problem)


def _of_tenant(spec: MetricSpec, scope: Scope, since: datetime) -> Figure:
    """Read one tenant's part out of a fact that tells them apart; small ones came hidden."""
    parts = ask(spec.source, _question(spec, scope, since)).details.get("by_tenant")
    if parts is None:
        return Figure(problem="not told apart by tenant")
    part = parts.get(scope.tenants[0])
    if part is None:
        return Figure(problem="no answer")
    if part.get("hidden"):
        return Figure(problem="too few answers to show", hidden=True)
    return Figure(part["value"], part["low"], part["high"], part["n"])


def _question(spec: MetricSpec, scope: Scope, since: datetime) -> Question:
    return Question(
        scope.feature, since, scope.now, scope.people, scope.people, parameters=dict(spec.parameters)
    )


def _share(good: int, n: int, nothing: str) -> Figure:
    if n <= 0:
        return Figure(problem=nothing, n=0)
    return Figure(good / n, lower_bound(good, n, CONFIDENCE), upper_bound(good, n, CONFIDENCE), n)


def _monday(now: datetime, zone: ZoneInfo) -> datetime:
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())
