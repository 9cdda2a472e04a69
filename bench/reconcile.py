"""How long one tick takes with 1,000 active rollouts of 10 gates each, fresh telemetry of every one before each tick.

The whole controller runs as it does in an instance: gates asked of the event engine, the tables and the guardrails;
readings written (of a hundred rollouts a tick, and of each with a new verdict); SQLite and chDB in a temporary folder.
No peer does this; the bar is 2 s a tick, at the 95th percentile. `BENCH_ROLLOUTS` (1,000) and `BENCH_TICKS` (20) set
the size.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench._instance import percentile, store

ROLLOUTS = int(os.environ.get("BENCH_ROLLOUTS", "1000"))
TICKS = int(os.environ.get("BENCH_TICKS", "20"))
AT_MOST_SECONDS = 2.0
STARTED = datetime(2026, 11, 9, 8, tzinfo=UTC)  # a Monday
_TASKS_A_TICK, _TASKS_BEFORE = 3, 8
_GATES = (
    {"name": "settled", "kind": "dwell"},
    {"name": "errors", "kind": "guardrail", "metric": "task_failed", "rolls_back": True},
    {"name": "safe", "kind": "safe_to_advance"},
    {"name": "roster", "kind": "roster"},
    {"name": "success", "kind": "metric", "metric": "task_success", "at_least": 0.99, "min_n": 100},
    {"name": "completion", "kind": "metric", "metric": "task_completion", "at_least": 0.9, "min_n": 100},
    {"name": "latency", "kind": "metric", "metric": "latency_p95_ms", "at_most": 1500, "min_n": 100},
    {"name": "bugs", "kind": "open_bugs", "at_most": 0},
    {"name": "runbook", "kind": "attested", "task": "publish-runbook"},
    {"name": "go", "kind": "approval", "roles": ["program_lead"]},
)


def main() -> int:
    """Measure, print, store; 1 when the bar is missed."""
    with tempfile.TemporaryDirectory(prefix="companyos-bench-", ignore_cleanup_errors=True) as folder:
        found = _measured(Path(folder))
    p95, worst = percentile(found["seconds"], 0.95), max(found["seconds"])
    met = p95 <= AT_MOST_SECONDS
    store("reconcile", {**found, "p95_seconds": round(p95, 3), "bar_seconds": AT_MOST_SECONDS, "met": met})
    print(
        f"reconcile: {'bar met' if met else 'BAR MISSED'}: {found['rollouts']:,} rollouts, {found['gates']:,} gates:"
        f" p50 {percentile(found['seconds'], 0.5):.2f} s, p95 {p95:.2f} s, worst {worst:.2f} s a tick (<= 2 s)"
    )
    return 0 if met else 1


def _measured(data: Path) -> dict[str, Any]:
    from companyos.cli.ground import stand_on
    from companyos.cli.program import read_program

    program = read_program(Path("program"))
    stand_on(data)
    from companyos.analytics.inbox import InboxLog
    from companyos.cli.process import Process
    from companyos.cli.serving import collect_garbage_seldom
    from companyos.cli.up import prepare
    from companyos.kernel.clock import VirtualClock

    clock = VirtualClock(STARTED)
    prepare(program, STARTED)
    people, teams = _set_up(program)
    inbox = InboxLog(data / "inbox")
    process = Process(data, program, clock, inbox)
    on, off = people
    _send(process, on, off, STARTED - timedelta(days=1), _TASKS_BEFORE, first=0)
    collect_garbage_seldom()  # as an instance does before it serves
    seconds, cpu = [], []
    for tick in range(TICKS + 1):
        now = STARTED + timedelta(hours=1, minutes=tick + 1)
        clock.set(now)
        _send(process, on, off, now - timedelta(seconds=50), _TASKS_A_TICK, first=1_000 * (tick + 1))
        began, busy = time.perf_counter(), time.process_time()
        process.controller.tick(now, gates=True)
        seconds.append(round(time.perf_counter() - began, 3))
        cpu.append(round(time.process_time() - busy, 3))
        print(f"tick {tick:>2}: {seconds[-1]:.2f} s, of which the processor {cpu[-1]:.2f} s", flush=True)
    process.close()
    return {
        "rollouts": ROLLOUTS,
        "gates": ROLLOUTS * len(_GATES),
        "teams": teams,
        "first_tick": seconds[0],
        "cpu_seconds": cpu[1:],
        "seconds": seconds[1:],
    }


def _set_up(program: Any) -> tuple[tuple[list[str], list[str]], int]:
    """Store 1,000 running rollouts, each with a feature of its own, on one stage of one team."""
    from django.db import transaction

    from companyos.adoption.features.models import Feature
    from companyos.adoption.flags.models import Flag
    from companyos.adoption.rollouts.domain.plan import Plan
    from companyos.adoption.rollouts.models import Rollout, StageRun
    from companyos.kernel.canonical_json import sha256_of
    from companyos.people.identity import queries as identity

    document = {**program.plans[0].to_document(), "risks": []}  # ten gates, no more
    stage = {**document["stages"][0], "slug": "pilot", "gates": list(_GATES), "working_days": 5}
    stage["cohort"] = [{"tenant": "engineering-quality", "teams": ["platform-engineering"]}]
    base, flag = Feature.objects.get(pk=program.features[0].slug), Flag.objects.first()
    assert flag is not None
    with transaction.atomic():
        for number in range(ROLLOUTS):
            slug = f"feature-{number:04d}"
            plan = Plan.from_document({**document, "plan": slug, "feature": slug, "stages": [stage]})
            Flag.objects.create(**{**_columns(flag), "key": slug})
            Feature.objects.create(**{**_columns(base), "slug": slug, "flag": slug})
            Rollout.objects.create(
                plan=slug,
                feature_id=slug,
                document=plan.to_document(),
                plan_sha256=sha256_of(plan.to_document()),
                status="active",
                stage="pilot",
                attempt=1,
                version=1,
                started_at=STARTED,
                entered_at=STARTED,
                due_at=STARTED + timedelta(days=5),
            )
            StageRun.objects.create(rollout_id=slug, stage="pilot", attempt=1, entered_at=STARTED, people=8)
    everybody = identity.everybody()
    on = [p.slug for p in everybody if p.team == "platform-engineering"]
    off = [p.slug for p in everybody if p.team != "platform-engineering"][:12]
    return (on, off), len({p.team for p in everybody})


def _columns(row: Any) -> dict[str, Any]:
    return {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields}


def _send(process: Any, on: list[str], off: list[str], at: datetime, tasks: int, *, first: int) -> None:
    """Log `tasks` tasks of every feature, take them in and drain them, as the workers do between two ticks."""
    from companyos.analytics.events import Event, stored_body, stored_line
    from companyos.analytics.inbox import FrameKind

    dice, lines = random.Random(first), []
    for number in range(ROLLOUTS):
        for n in range(first, first + tasks):
            person, path = (dice.choice(on), "unified") if n % 3 == 0 else (dice.choice(off), "existing")
            task, when = f"{number}-{n}", at + timedelta(milliseconds=n % 1000)
            ends = "task_failed" if dice.random() < 0.01 else "task_completed"
            for event in ("task_started", ends):
                made = Event(
                    f"{event}-{task}", event, when, "engineering-quality", person, f"feature-{number:04d}", path,
                    "approve", f"case-{task}", task, props={"latency_ms": 200.0},
                )  # fmt: skip
                lines.append(stored_line(stored_body(made, now=when), received=when))

    async def submit() -> None:
        for start in range(0, len(lines), 2_000):
            frame = b"\n".join(lines[start : start + 2_000]) + b"\n"
            await process.inbox.submit(FrameKind.EVENTS, frame, received=at)

    asyncio.run(submit())
    process.tail.flush()
    process.drain.catch_up()
