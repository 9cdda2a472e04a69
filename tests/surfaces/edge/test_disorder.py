"""What clients really send: repetitions, disorder, days late, clocks ahead. Answers equal an ordered oracle's."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from edge_instance import SUMS, Instance
from edge_server import NOW

from companyos.adoption.telemetry import queries
from companyos.adoption.telemetry.queries import actives, company, funnels, outcomes
from companyos.analytics.inbox import FrameKind

BATCH = 200
SPAN = (NOW - timedelta(days=10), NOW + timedelta(days=2))


def told_by_clients(n: int, dice: random.Random) -> list[dict[str, Any]]:
    """In order and once each; about a fifth happened two days ago, some by clocks that are ahead of ours."""
    found = []
    for number in range(n):
        task, step = divmod(number, 3)
        late = timedelta(hours=48) if dice.random() < 0.2 else timedelta(0)
        ahead = (
            dice.choice([timedelta(hours=3), timedelta(hours=30)]) if dice.random() < 0.05 else timedelta(0)
        )
        failed = task % 11 == 0 and step == 1
        found.append(
            {
                "id": f"event-{number:06d}", "tenant": "sales", "feature": "approvals", "path": "unified",
                "event": "task_failed" if failed else ("task_started", "task_seen", "task_completed")[step],
                "time": (NOW - late + ahead + timedelta(seconds=number)).isoformat(),
                "actor": f"person-{task % 17}", "case": f"case-{task}", "task": f"task-{task}", "kind": "expense",
            }
        )  # fmt: skip
    return found


def as_it_arrives(events: list[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    """Thirty of a hundred come again, later; ten of a hundred change places with one far away."""
    sent = list(events)
    for each in dice.sample(events, len(events) * 3 // 10):
        sent.insert(dice.randrange(len(sent) + 1), each)
    for _ in range(len(sent) // 10):
        a, b = dice.randrange(len(sent)), dice.randrange(len(sent))
        sent[a], sent[b] = sent[b], sent[a]
    return sent


def at(each: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(each["time"])


@pytest.mark.parametrize("n", [3_000, pytest.param(60_000, marks=pytest.mark.slow)])
def test_answers_equal_the_ordered_and_deduplicated_oracle_R92(instance: Instance, n: int) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    events = told_by_clients(n, dice)
    sent = as_it_arrives(events, dice)
    counted: Counter[str] = Counter()
    for start in range(0, len(sent), BATCH):
        told = instance.send(*sent[start : start + BATCH])
        counted += Counter(
            accepted=told["accepted"], duplicates=told["duplicates"], quarantined=len(told["quarantined"])
        )
        if start % (7 * BATCH) == 0:
            instance.drain.run_once()
    instance.drain.catch_up()
    kept = sorted((e for e in events if at(e) - NOW <= timedelta(hours=24)), key=at)
    far = sum(at(e) - NOW > timedelta(hours=24) for e in sent)
    assert far > 0
    assert counted == Counter(accepted=len(kept), duplicates=len(sent) - far - len(kept), quarantined=far)
    _equal(kept)
    frames = instance.edge.inbox.frames(after=0)
    put_aside = [frame.payload for frame in frames if frame.kind is FrameKind.QUARANTINE]
    assert sum(len(payload.splitlines()) for payload in put_aside) == far
    assert instance.engine.mend_rollups() == [], "the sums were right without mending"


def _equal(kept: list[dict[str, Any]]) -> None:
    assert queries.events_counted() == len(kept)
    span = queries.Events("approvals", ("sales",), *SPAN)
    tasks: dict[str, list[dict[str, Any]]] = {}
    for each in kept:
        tasks.setdefault(each["task"], []).append(each)
    begun = [t for t in tasks.values() if any(e["event"] == "task_started" for e in t)]
    failed = sum(any(e["event"] == "task_failed" for e in t) for t in begun)
    (rates,) = outcomes.error_rates(span)
    assert (rates.tasks, rates.failed) == (len(begun), failed)
    days: dict[Any, set[str]] = {}
    for each in kept:
        if each["event"] == "task_completed":
            days.setdefault(at(each).date(), set()).add(each["actor"])
    found = actives.daily_actives(span, ZoneInfo("UTC"))
    assert {d.start: d.people for d in found if d.people} == {day: len(who) for day, who in days.items()}
    names = Counter(each["event"] for each in kept)
    (whole,) = company.overview(datetime.fromisoformat(SUMS["first_day"]).date(), SPAN[1].date())
    assert (whole.started, whole.completed, whole.failed) == (
        names["task_started"], names["task_completed"], names["task_failed"],
    )  # fmt: skip
    _equal_funnel(span, tasks)


def _equal_funnel(span: queries.Events, tasks: dict[str, list[dict[str, Any]]]) -> None:
    """A task is done when its end comes no earlier than its begin, within four hours."""
    question = funnels.Question(
        (("task_started",), ("task_completed",)), timedelta(hours=4), funnels.Hold.TASK
    )
    moments = [{e["event"]: at(e) for e in task} for task in tasks.values()]
    begun = [each for each in moments if "task_started" in each]
    ends = [(each["task_started"], each["task_completed"]) for each in begun if "task_completed" in each]
    done = [start for start, end in ends if start <= end <= start + timedelta(hours=4)]
    found = funnels.funnel(span, question)
    assert (found.began, found.finished) == (len(begun), len(done))
