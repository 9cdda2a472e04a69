"""R66, R92, R99: what became of tasks, against slow, obvious oracles."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from math import isclose, log

from hypothesis import given
from hypothesis import strategies as st

from companyos.adoption.telemetry import queries
from companyos.adoption.telemetry.queries.outcomes import (
    abandonment,
    completions,
    error_rates,
    latency_by_minute,
)
from companyos.analytics.engine import Engine
from companyos.kernel.error_sessions import ErrorSessions
from companyos.kernel.stats.quantiles import quantile_ranks
from engines.histories import FEW, HOURS, ZONE, Ev, Held, Sent, histories, several, store_all

ASKS = {
    "abandonment", "completions", "days_with_tasks", "errors_by_variant", "handling_count", "handling_levels",
    "latency_by_minute", "latency_count", "latency_count_by_feature", "latency_levels", "latency_levels_by_feature",
    "person_days", "task_completion", "task_failures", "task_failures_by_feature", "task_totals",
    "task_totals_by_feature", "tasks_seen", "newest_task",
}  # fmt: skip
LOOKED_AT = {"feature_flag.evaluation", "task_started", "task_completed", "task_failed", "problem_reported"}
_SPANS = st.sampled_from([(0, 900 * HOURS), (1, 400 * HOURS), (1000, 30 * HOURS), (168 * HOURS, 340 * HOURS)])
_ASKED = several(st.tuples(histories(), _SPANS, st.sampled_from(["unified", "existing"])))
Asked = list[tuple[Sent, tuple[int, int], str]]


@FEW
@given(_ASKED)
def test_latency_by_minute_equals_the_oracle(engine: Engine, asked: Asked) -> None:
    for held, span, path in _stored(asked, engine):
        rows = [e for e in held.between(*span, "task_completed", "task_failed") if e.path == path]
        minutes: dict[datetime, list[float]] = {}
        for each in rows:
            if each.latency_ms is not None:
                minutes.setdefault(each.time.replace(second=0, microsecond=0), []).append(each.latency_ms)
        found = latency_by_minute(held.span(*span), events=("task_completed", "task_failed"), path=path)
        assert [(m.start, m.n, m.p50, m.p95, m.p99) for m in found] == [
            (start, len(own), *(_exact(own, q) for q in (0.5, 0.95, 0.99)))
            for start, own in sorted(minutes.items())
        ]


@FEW
@given(_ASKED)
def test_errors_and_completion_equal_the_oracle(engine: Engine, asked: Asked) -> None:
    for held, span, _ in _stored(asked, engine):
        settled = span[1] - 4 * HOURS
        begun = {path: _tasks(held, span, path) for path in ("existing", "unified")}
        assert [(e.variant, e.tasks, e.failed) for e in error_rates(held.span(*span))] == [
            (path, len(own), sum(any(e.event == "task_failed" for e in t) for t in own))
            for path, own in begun.items()
            if own
        ]
        wanted = []
        for tenant in held.tenants:
            for path, own in begun.items():
                here = [task for task in own if task[0].tenant == tenant]
                old = [task for task in here if _began(task) < settled]
                if here:
                    wanted.append((tenant, path, len(here), len(old), sum(map(_is_done, old))))
        found = completions(held.span(*span), settled_before=held.span(*span).until - timedelta(hours=4))
        assert [(c.tenant, c.variant, c.tasks, c.settled, c.done) for c in found] == wanted


@FEW
@given(_ASKED)
def test_abandonment_equals_the_oracle(engine: Engine, asked: Asked) -> None:
    for held, span, path in _stored(asked, engine):
        kinds: dict[str, list[tuple[int | None, int]]] = {}
        for task in _tasks(held, span, path):
            first = min((e.at, e.kind) for e in task if e.event == "task_started")
            done = [e.at for e in task if e.event == "task_completed"]
            took = max(0, min(done) - first[0]) if done else None
            kinds.setdefault(first[1], []).append((took, span[1] - first[0]))
        found = abandonment(held.span(*span), path=path)
        assert [(a.kind, a.median, a.tasks, a.done, a.abandoned, a.open) for a in found] == [
            (kind, *_judged(own)) for kind, own in sorted(kinds.items())
        ]


@FEW
@given(_ASKED)
def test_what_gates_ask_equals_the_oracle(engine: Engine, asked: Asked) -> None:
    for held, span, path in _stored(asked, engine):
        ask = held.tasks(*span, path)
        mine = [e for e in held.history if span[0] <= e.at < span[1] and e.path == path]
        settled_before = ask.until - timedelta(hours=4)
        assert queries.totals(ask, settled_before=settled_before) == _totals(held, span, path)
        assert queries.error_sessions(ask, ZONE) == _error_sessions(mine)
        days = {e.time.astimezone(ZONE).date() for e in mine if e.event == "task_started"}
        assert queries.days_with_tasks(ask, ZONE.key) == len(days)
        done = [e for e in mine if e.event == "task_completed"]
        assert queries.completions_by_person(ask) == Counter(
            (e.actor, (span[1] - e.at - 1) // (168 * HOURS)) for e in done
        )
        _check_quantiles(ask, done)
        _check_person_days(ask, mine)


@FEW
@given(_ASKED)
def test_many_features_asked_at_once_equal_the_oracle(engine: Engine, asked: Asked) -> None:
    stored = _stored(asked, engine)
    last = max(span[1] for _, span, _ in stored)
    since = {held.feature: held.tasks(span[0], last, "unified").since for held, span, _ in stored}
    everywhere = tuple(sorted({tenant for held, *_ in stored for tenant in held.tenants}))
    until = stored[0][0].tasks(0, last, "unified").until
    totals = queries.totals_by_feature(
        since, tenants=everywhere, until=until, settled_before=until - timedelta(hours=4)
    )
    failed = queries.error_sessions_by_feature(since, tenants=everywhere, until=until, zone=ZONE)
    timed = queries.latency_quantile_by_feature(since, 0.95, 0.9, tenants=everywhere, until=until)
    for held, (start, _), _ in stored:
        mine = [e for e in held.history if start <= e.at < last and e.path == "unified"]
        assert totals[held.feature] == _totals(held, (start, last), "unified")
        assert failed[held.feature] == _error_sessions(mine)
        one = replace(held.tasks(start, last, "unified"), tenants=everywhere)
        assert timed[held.feature] == queries.latency_quantile(one, 0.95, 0.9)


def _totals(held: Held, span: tuple[int, int], path: str) -> queries.Totals:
    tasks, settled = _tasks(held, span, path), span[1] - 4 * HOURS
    old = [task for task in tasks if _began(task) < settled]
    violations = sum(e.event == "policy_violation" for task in tasks for e in task)
    return queries.Totals(len(tasks), len(old), sum(map(_is_done, old)), violations)


def _error_sessions(mine: list[Ev]) -> int:
    sessions = ErrorSessions(zone=ZONE)
    failures = sorted((e.at, e.id, e.actor, e.time) for e in mine if e.event == "task_failed")
    return sum(sessions.opens_one(actor, time) for _, _, actor, time in failures)


def _check_quantiles(ask: queries.Span, done: list[Ev]) -> None:
    for question, values in (
        (queries.latency_quantile, [e.latency_ms for e in done if e.latency_ms is not None]),
        (queries.handling_quantile, [e.value for e in done if e.value is not None]),
    ):
        n, value, low, high = question(ask, 0.95, 0.9)
        assert n == len(values)
        if values:
            ranks, ordered = quantile_ranks(n, 0.95, 0.9), sorted(values)
            at = [ordered[min(n, max(1, rank)) - 1] for rank in ranks]
            assert (value, low, high) == (_exact(values, 0.95), *at)


def _check_person_days(ask: queries.Span, mine: list[Ev]) -> None:
    days: dict[tuple[str, object], list[Ev]] = {}
    for each in mine:
        if each.event in ("task_started", "task_completed"):
            days.setdefault((each.actor, each.time.astimezone(ZONE).date()), []).append(each)
    found = queries.person_days(ask, ZONE.key)
    assert [(d.person, d.day) for d in found] == sorted(days)
    for day in found:
        own = days[day.person, day.day]
        done = [e for e in own if e.event == "task_completed"]
        assert (day.begun, day.done) == (len(own) - len(done), len(done))
        logs = sorted(log(max(1.0, e.value)) for e in done if e.value is not None)
        assert len(day.log_seconds) == len(logs)
        assert all(isclose(*pair, abs_tol=1e-9) for pair in zip(day.log_seconds, logs, strict=True))


@FEW
@given(_ASKED)
def test_tasks_seen_come_once_and_in_order(engine: Engine, asked: Asked) -> None:
    for held, span, _ in _stored(asked, engine):
        rows = [e for e in held.history if e.at >= span[0] and e.event in LOOKED_AT]
        found = list(queries.tasks_seen(held.feature, held.span(*span).since))
        assert [(s.time, s.id) for s in found] == sorted((e.time, e.id) for e in rows)
        assert sorted((s.id, s.actor, s.kind, s.path, s.event, s.task) for s in found) == sorted(
            (e.id, e.actor, e.kind, e.path, e.event, e.task) for e in rows
        )
        assert {s.id: s.latency_ms for s in found} == {e.id: e.latency_ms for e in rows}
        asked_span = held.span(*span)
        until = list(queries.tasks_seen(held.feature, asked_span.since, asked_span.until))
        assert until == [s for s in found if s.time < asked_span.until]


def _stored(asked: Asked, engine: Engine) -> list[tuple[Held, tuple[int, int], str]]:
    stored = store_all([sent for sent, *_ in asked], engine)
    return [(held, span, path) for held, (_, span, path) in zip(stored, asked, strict=True)]


def _exact(values: list[float], q: float) -> float:
    return sorted(values)[min(int(q * len(values)), len(values) - 1)]


def _tasks(held: Held, span: tuple[int, int], path: str) -> list[list[Ev]]:
    """The events of each task that was begun in the span on this path."""
    found: dict[tuple[str, str], list[Ev]] = {}
    for each in held.history:
        if span[0] <= each.at < span[1] and each.path == path and each.task:
            found.setdefault((each.tenant, each.task), []).append(each)
    return [task for task in found.values() if any(e.event == "task_started" for e in task)]


def _began(task: list[Ev]) -> int:
    return min(e.at for e in task if e.event == "task_started")


def _is_done(task: list[Ev]) -> bool:
    return any(e.event == "task_completed" for e in task)


def _judged(own: list[tuple[int | None, int]]) -> tuple[timedelta | None, int, int, int, int]:
    took = sorted(t for t, _ in own if t is not None)
    if not took:
        return None, len(own), 0, 0, len(own)
    median = took[len(took) // 2]
    done = sum(t is not None and t <= 3 * median for t, _ in own)
    late = sum((t is None or t > 3 * median) and age > 3 * median for t, age in own)
    return timedelta(milliseconds=median), len(own), done, late, len(own) - done - late
