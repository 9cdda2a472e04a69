"""A guardrail rebuilt from the engine says what the one that saw every event said."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from companyos.adoption.telemetry import jobs
from companyos.adoption.telemetry import queries as telemetry
from companyos.adoption.telemetry.domain.people import Who
from companyos.adoption.telemetry.domain.watch import Watch
from companyos.adoption.telemetry.jobs import Tail
from companyos.adoption.telemetry.queries import tasks as task_queries
from companyos.analytics.drain import Drain
from companyos.analytics.engine import Engine, open_engine
from companyos.analytics.events import Event, stored_body, stored_line
from companyos.analytics.inbox import FrameKind, InboxLog
from companyos.analytics.limits import Limits, TooBig

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
STAGE = START + timedelta(days=21)
PEOPLE = {f"p{n}": f"team{n // 5}" for n in range(20)}
EXPOSED = frozenset(person for person, team in PEOPLE.items() if team == "team0")
OTHERS = frozenset(PEOPLE) - EXPOSED


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(tmp_path / "engine")
    telemetry.connect(opened)
    yield opened
    opened.close()


def tasks(seed: int) -> list[Event]:
    """Four weeks of tasks; in the last, those of the exposed fail four times as often."""
    dice, events = random.Random(seed), []
    for day in [*range(5), *range(7, 12), *range(14, 19), *range(21, 26)]:
        for person in PEOPLE:
            for number in range(dice.randrange(8)):
                at = START + timedelta(days=day, hours=9, seconds=dice.randrange(8 * 3600))
                on = person in EXPOSED and at >= STAGE
                task = f"{person}-{day}-{number}"
                events.append(event("task_started", at, person, task, on=on))
                if dice.random() < (0.08 if on else 0.02):
                    events.append(event("task_failed", at + timedelta(minutes=2), person, task, on=on))
    return sorted(events, key=lambda each: (each.time, each.id))


def event(name: str, at: datetime, person: str, task: str, *, on: bool) -> Event:
    path = "unified" if on else "existing"
    return Event(f"{name}-{task}", name, at, "corporate", person, "approvals", path, "approve", task=task)


def watch(tail: Tail) -> Watch:
    made = Watch(
        tail.books["approvals"],
        Who(EXPOSED, OTHERS, PEOPLE, EXPOSED),
        since=STAGE,
        first_exposed_on=STAGE.date(),
    )
    tail.watchers["approvals"]["plan"] = lambda events: [made.take(seen) for seen, _ in events]
    return made


def append(inbox: InboxLog, events: list[Event]) -> None:
    lines = b"".join(
        stored_line(stored_body(each, now=each.time), received=each.time) + b"\n" for each in events
    )

    async def submit() -> None:
        await inbox.submit(FrameKind.EVENTS, lines, received=events[-1].time)

    asyncio.run(submit())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_restart_in_the_middle_of_a_stage_changes_no_reading(
    seed: int, tmp_path: Path, engine: Engine
) -> None:
    events = tasks(seed)
    before, after = (
        [e for e in events if (e.time < STAGE + timedelta(days=3)) is side] for side in (True, False)
    )
    inbox = InboxLog(tmp_path / "inbox")
    drain = Drain(inbox, engine, tmp_path / "engine")

    whole = Tail(inbox, UTC, after=0, on_serving=lambda *_: None)
    append(inbox, [e for e in before if e.time < STAGE])
    whole.flush()
    kept = watch(whole)
    append(inbox, [e for e in before if e.time >= STAGE])
    whole.flush()

    drain.catch_up()
    rows = tuple(telemetry.tasks_seen("approvals", START))
    again = Tail(inbox, UTC, after=inbox.synced_seq, on_serving=lambda *_: None)
    for seen in rows:
        again.remember("approvals", seen)
    rebuilt = watch(again)
    for seen in rows:
        rebuilt.take(seen)
    assert rebuilt.reading() == kept.reading()
    assert kept.reading().exposed_sessions > 0

    append(inbox, after)
    whole.flush(), again.flush()
    assert rebuilt.reading() == kept.reading()
    inbox.close()


def test_a_jam_is_taken_piece_by_piece_in_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [
        event("task_started", START + timedelta(seconds=0.3 * n), f"p{n % 20}", f"t{n}", on=False)
        for n in range(60)
    ]
    dice = random.Random(7)
    sent = [events[n : n + 3] for n in range(0, 60, 3)]  # connections beside each other: neighbours swap
    for n in range(0, 18, 2):
        if dice.random() < 0.5:
            sent[n], sent[n + 1] = sent[n + 1], sent[n]
    inbox = InboxLog(tmp_path / "inbox")
    for batch in sent:
        append(inbox, batch)
    monkeypatch.setattr(jobs, "_MOST_AT_ONCE", 8)
    monkeypatch.setattr(jobs, "_BESIDE_EACH_OTHER", timedelta(seconds=2))
    tail, taken = Tail(inbox, UTC, after=0, on_serving=lambda *_: None), list[str]()
    tail.watchers["approvals"]["plan"] = lambda events: taken.extend(seen.id for seen, _ in events)
    first = tail.flush_a_piece()
    assert 0 < first < 9
    assert tail.applied_offset < 3  # frames with events that wait are not applied yet
    assert first + tail.flush() == 60
    assert taken == [each.id for each in events]
    assert tail.applied_offset == inbox.synced_seq == 20
    inbox.close()


def test_weeks_of_a_large_company_are_read_in_pieces(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, events = InboxLog(tmp_path / "inbox"), tasks(4)
    append(inbox, events)
    Drain(inbox, engine, tmp_path / "engine").catch_up()
    monkeypatch.setattr(task_queries, "_OF_A_PIECE", Limits(rows=40))
    read = list(telemetry.tasks_seen("approvals", START))
    assert [each.id for each in read] == [each.id for each in events]
    monkeypatch.setattr(task_queries, "_OF_A_PIECE", Limits(rows=1))
    monkeypatch.setattr(task_queries, "_A_MINUTE", timedelta(days=1))
    with pytest.raises(TooBig):
        list(telemetry.tasks_seen("approvals", START))
    assert list(telemetry.tasks_seen("nobody-uses-it", START)) == []
    inbox.close()
