"""The questions behind the pages, against slow and obvious answers over random histories with ties and duplicates."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median_low
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from companyos.adoption.telemetry.domain.catalogue import CaseEnds, Catalogue
from companyos.adoption.telemetry.domain.openslo import Measure, OwnEvents, Slo
from companyos.adoption.telemetry.domain.slo import Condition, Counts
from companyos.adoption.telemetry.queries import (
    baselines,
    catalogue_seen,
    connection,
    coverage,
    objectives,
    uptake,
)
from companyos.adoption.telemetry.queries.connection import Events
from companyos.adoption.telemetry.queries.tasks import Span
from companyos.analytics.engine import Engine, open_engine

ASKS = {
    "baseline_parts",
    "case_ends",
    "cases_by_path",
    "events_seen",
    "first_value_times",
    "screens_seen",
    "slo_responses",
    "slo_tasks",
    "uptake",
}
NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Madrid")
DAY = timedelta(days=1)
Row = dict[str, Any]
examples = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
seeds = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    opened = open_engine(tmp_path_factory.mktemp("pages") / "engine")
    connection.connect(opened)
    yield opened
    opened.close()


def history(seed: int) -> tuple[str, list[Row]]:
    """One tenant's events of 60 days on a grid of minutes, so that ties are common; some are sent twice."""
    dice = random.Random(seed)
    tenant = f"t{seed}"
    rows = [_event(dice, tenant, n) for n in range(dice.randrange(1, 120))]
    return tenant, rows


def _event(dice: random.Random, tenant: str, n: int) -> Row:
    name = dice.choice(
        (
            "feature_flag.evaluation",
            "task_started",
            "task_completed",
            "task_failed",
            "case_started",
            "case_closed",
        )
    )
    path = (
        dice.choice(("on", "off"))
        if name == "feature_flag.evaluation"
        else dice.choice(("unified", "existing"))
    )
    at = NOW - timedelta(minutes=dice.choice((dice.randrange(1, 600), dice.randrange(1, 60 * 1440))))
    task = dice.randrange(25)
    timed = name in {"task_completed", "task_failed"}
    return {
        "tenant": tenant,
        "id": f"event-{n:06}",
        "event": name,
        "time": at,
        "received": at,
        "actor": f"p{dice.randrange(6)}",
        "feature": "approvals",
        "path": path,
        "kind": f"kind{task % 3}",
        "case": f"case{dice.randrange(12)}",
        "task": f"task{task}" if name.startswith("task") else "",
        "value": float(dice.randrange(1, 400)) if name == "task_completed" else None,
        "latency_ms": float(dice.randrange(1, 3000)) if timed else None,
        "by": "",
        "props": "{}",
    }


def tell(engine: Engine, rows: list[Row], seed: int) -> None:
    note(f"seed {seed}")
    dice = random.Random(seed + 1)
    for part, sent in enumerate((rows, dice.sample(rows, len(rows) // 3))):  # a third comes twice
        lines = [{**r, "time": _wire(r["time"]), "received": _wire(r["received"])} for r in sent]
        body = "\n".join(json.dumps(line) for line in lines).encode()
        if body:
            engine.insert("events", body, token=f"{seed}-{part}")


def _wire(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def by_task(rows: list[Row], path: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["task"] and row["path"] == path:
            found[row["task"]].append(row)
    return found


def first(rows: list[Row], name: str) -> datetime | None:
    return min((row["time"] for row in rows if row["event"] == name), default=None)


def slo(measure: Measure, ms: float = 0.0) -> Slo:
    source = OwnEvents("approvals", "unified", measure, ms)
    return Slo("s", "S", "", "approvals", 0.9, 28, source, (Condition("day", 24, 1, "page"),), ())


@examples
@given(seeds)
def test_objectives_count_tasks_and_responses_R94(engine: Engine, seed: int) -> None:
    tenant, rows = history(seed)
    tell(engine, rows, seed)
    since = NOW - 28 * DAY
    recent = [row for row in rows if row["time"] >= since]
    begun = {task: had for task, had in by_task(recent, "unified").items() if first(had, "task_started")}
    failed = sum(first(had, "task_failed") is not None for had in begun.values())
    got = objectives.status(slo(Measure.TASKS), tenants=(tenant,), zone=ZONE, now=NOW)
    assert got.budget.counts == Counts(len(begun), failed)
    timed = [r for r in recent if r["latency_ms"] is not None and r["path"] == "unified"]
    got = objectives.status(slo(Measure.RESPONSES, 1500.0), tenants=(tenant,), zone=ZONE, now=NOW)
    assert got.budget.counts == Counts(len(timed), sum(r["latency_ms"] > 1500 for r in timed))
    assert sum(day.counts.total for day in got.days) == len(timed)
    assert {day.day for day in got.days} == {r["time"].astimezone(ZONE).date() for r in timed}


@examples
@given(seeds)
def test_a_burn_needs_days_only_R94(engine: Engine, seed: int) -> None:
    _, rows = history(seed)
    tenant = f"late-{seed}"
    late = [
        {**row, "tenant": tenant, "id": f"late-{row['id']}"} for row in rows if row["time"] >= NOW - 2 * DAY
    ]
    tell(engine, late, 2**33 + seed)
    for each in (slo(Measure.TASKS), slo(Measure.RESPONSES, 1500.0)):
        whole = objectives.status(each, tenants=(tenant,), zone=ZONE, now=NOW)
        assert objectives.burns(each, tenants=(tenant,), now=NOW) == whole.burns


@examples
@given(seeds)
def test_uptake_follows_each_persons_first_times_R92(engine: Engine, seed: int) -> None:
    tenant, rows = history(seed)
    tell(engine, rows, seed)
    since, window = NOW - 40 * DAY, 7 * DAY
    reached, still, waits = [0, 0, 0, 0], [0, 0, 0], []
    for met, times in _firsts(rows):
        if met < since:
            continue
        level = sum(at is not None for at in times)
        for k in range(level + 1):
            reached[k] += 1
        if level < 3 and met + window > NOW:
            still[level] += 1
        waits.append((times[0], times[1]))
    steps = uptake.uptake(Events("approvals", (tenant,), since, NOW), ZONE, window=window)
    assert [step.reached for step in steps] == reached
    assert [step.open for step in steps][:3] == still
    assert [step.dropped for step in steps][:3] == [reached[k] - reached[k + 1] - still[k] for k in range(3)]
    took = sorted(done - began for began, done in waits if began and done)
    assert steps[2].median == (took[len(took) // 2] if took else None) or steps[2].median == median_low(took)


@examples
@given(seeds)
def test_waits_for_first_value_end_or_go_on_R93(engine: Engine, seed: int) -> None:
    tenant, rows = history(seed)
    tell(engine, rows, seed)
    since = NOW - 40 * DAY
    done = open_ = 0
    for met, _ in _firsts(rows):
        if met >= since:
            has = any(at >= met for at in _times(rows, met, "task_completed"))
            done, open_ = done + has, open_ + (not has)
    waits = uptake.first_value(Events("approvals", (tenant,), since, NOW))
    assert (waits.people, waits.reached, waits.open) == (done + open_, done, open_)


_PEOPLE: dict[datetime, str] = {}


def _firsts(rows: list[Row]) -> Iterator[tuple[datetime, list[datetime | None]]]:
    """Each person's first meeting, then the first begun, done and done on a later day after it."""
    for person in {row["actor"] for row in rows}:
        mine = [row for row in rows if row["actor"] == person]
        met = min(
            (r["time"] for r in mine if r["event"] == "feature_flag.evaluation" and r["path"] == "on"),
            default=None,
        )
        if met is None:
            continue
        starts, ends = (_on_new_path(mine, name) for name in ("task_started", "task_completed"))
        began = min((at for at in starts if at >= met), default=None)
        done = min((at for at in ends if began and at >= began), default=None)
        later = [at for at in ends if done and at.astimezone(ZONE).date() > done.astimezone(ZONE).date()]
        _PEOPLE[met] = person
        yield met, [began, done, min(later, default=None)]


def _on_new_path(mine: list[Row], name: str) -> list[datetime]:
    return [row["time"] for row in mine if row["event"] == name and row["path"] == "unified"]


def _times(rows: list[Row], met: datetime, name: str) -> list[datetime]:
    return _on_new_path([row for row in rows if row["actor"] == _PEOPLE[met]], name)


@examples
@given(seeds)
def test_cases_that_should_be_over_need_both_ends_P13(engine: Engine, seed: int) -> None:
    tenant, rows = history(seed)
    tell(engine, rows, seed)
    old, settled = NOW - 90 * DAY, NOW - 28 * DAY
    both = cases = 0
    for case in {row["case"] for row in rows}:
        mine = [row for row in rows if row["case"] == case]
        starts = [row["time"] for row in mine if row["event"] == "case_started"]
        ends = [row["time"] for row in mine if row["event"] == "case_closed"]
        if any(at >= old for at in ends) or (starts and old <= max(starts) < settled):
            cases, both = cases + 1, both + bool(starts and ends)
    catalogue = Catalogue(cases=CaseEnds("case_started", "case_closed", 28))
    got = catalogue_seen.case_ends(catalogue, feature="approvals", tenants=(tenant,), now=NOW)
    assert [(each.both, each.cases) for each in got] == ([(both, cases)] if cases else [])


@examples
@given(seeds)
def test_a_baseline_is_the_sum_of_its_parts_R66(engine: Engine, seed: int) -> None:
    tenant, rows = history(seed)
    tell(engine, rows, seed)
    team_of = {f"p{n}": f"team{n % 2}" for n in range(6)}
    span = Span("approvals", (tenant,), NOW - 28 * DAY, NOW, "existing")
    got = baselines.measure(span, stage="prep", team_of=team_of, zone=str(ZONE))
    recent = [row for row in rows if row["time"] >= span.since]
    begun = {task: had for task, had in by_task(recent, "existing").items() if first(had, "task_started")}
    assert got.whole.tasks == len(begun)
    assert got.whole.failed == sum(first(had, "task_failed") is not None for had in begun.values())
    assert got.whole.done == sum(first(had, "task_completed") is not None for had in begun.values())
    for parts in (got.by_kind, got.by_team):
        assert sum(part.tasks for part in parts) == got.whole.tasks
        assert sum(part.failed for part in parts) == got.whole.failed
    assert {part.name: part.tasks for part in got.by_kind} == _kinds(begun)
    days = {
        r["time"].astimezone(ZONE).date()
        for r in recent
        if r["event"] == "task_started" and r["path"] == "existing"
    }
    assert got.days == len(days)


def _kinds(begun: dict[str, list[Row]]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for had in begun.values():
        found[had[0]["kind"]] += 1
    return dict(found)


@examples
@given(seeds)
def test_every_event_that_came_is_seen_known_or_not_R76(engine: Engine, seed: int) -> None:
    tenant, rows = history(seed)
    tell(engine, rows, seed)
    mine = [each for each in catalogue_seen.events_seen(NOW) if each.tenant == tenant]
    assert {each.event: each.last for each in mine} == {
        name: max(row["time"] for row in rows if row["event"] == name)
        for name in {row["event"] for row in rows}
    }


def test_screens_are_told_by_whatever_their_sender_calls_them(engine: Engine) -> None:
    """PostHog says `$pathname` or a whole address, an app its screen, Segment the page's path in its context (R3)."""
    told = (
        ("$pageview", {"$pathname": "/basket"}), ("$pageview", {"$current_url": "https://shop.example/basket?x=1"}),
        ("$screen", {"$screen_name": "Pay"}), ("$screen", {"name": "Pay"}),
        ("$pageview", {"context": {"page": {"path": "/seg"}}}), ("$pageview", {}), ("page", {"$pathname": "/no"}),
    )  # fmt: skip
    rows = [
        {**_event(random.Random(n), "screens", n), "event": name, "feature": "",
         "props": json.dumps(props)}
        for n, (name, props) in enumerate(told)
    ]  # fmt: skip
    lines = [{**row, "time": _wire(NOW), "received": _wire(NOW)} for row in rows]
    engine.insert("events", "\n".join(json.dumps(line) for line in lines).encode(), token="screens")
    found = {(each.screen, each.views) for each in catalogue_seen.screens_seen(NOW)}
    assert found == {("/basket", 2), ("Pay", 2), ("/seg", 1)}


@examples
@given(seed=seeds)
def test_where_the_newest_cases_ran_R1(engine: Engine, seed: int) -> None:
    tenant, rows = history(seed)
    tell(engine, rows, seed)
    newest: dict[str, Row] = {}
    for row in sorted(rows, key=lambda each: each["time"]):
        if row["event"].startswith("task_"):
            newest[row["case"]] = row
    found = {each.kind: each for each in coverage.cases_ran(["approvals"], NOW) if each.tenant == tenant}
    for each in found.values():
        assert 0 <= each.here <= each.n <= coverage.NEWEST
    assert sum(each.n for each in found.values()) == len(newest)
    ties = len({(row["case"], row["time"]) for row in rows}) < len(rows)
    if not ties:
        assert sum(each.here for each in found.values()) == sum(
            r["path"] != "existing" for r in newest.values()
        )
