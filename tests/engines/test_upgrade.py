"""A data directory of an older release is upgraded at start, wherever an earlier try was cut short."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest

from companyos.analytics.engine import open_engine
from companyos.analytics.schema import FromTheFuture, upgrade
from companyos.analytics.schema.steps import STEPS

_ROWS = """INSERT INTO events (tenant, id, event, time, received, actor, feature, path, latency_ms) VALUES
('a', 'event-1', 'task_completed', '2026-01-31 10:00:00', '2026-01-31 10:00:00', 'ada', 'f', 'unified', 8),
('a', 'event-2', 'task_completed', '2026-02-01 10:00:00', '2026-02-01 10:00:00', 'ben', 'f', 'unified', 8),
('a', 'event-1', 'task_completed', '2026-01-31 10:00:00', '2026-05-01 10:00:00', 'ada', 'f', 'unified', 8)"""


class Died(BaseException):
    """The process ended here."""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Any]:
    opened = clickhouse_connect.get_client(interface="chdb", path=str(tmp_path / "engine" / "chdb"))
    yield opened
    opened.close()


def ask_with(client: Any) -> Callable[[str], list[tuple[Any, ...]]]:
    return lambda question: [tuple(row) for row in client.query(question).result_rows]


def old_release(client: Any) -> None:
    """The tables of the first release, which noted no steps, with a duplicate across two months of receipt."""
    STEPS[0](client.command, ask_with(client))
    client.command(_ROWS)


def test_every_death_on_the_way_is_mended_by_the_next_start(client: Any) -> None:
    for at in itertools.count():
        client.command(f"CREATE DATABASE try_{at} ENGINE = Atomic")
        client.command(f"USE try_{at}")
        old_release(client)
        left = itertools.count(at, -1)

        def mortal(statement: str, left: Iterator[int] = left) -> object:
            if next(left) == 0:
                raise Died
            return client.command(statement)

        try:
            upgrade(mortal, ask_with(client))
            break
        except Died:
            assert upgrade(client.command, ask_with(client))
        _check(ask_with(client))
        assert upgrade(client.command, ask_with(client)) == []
    assert at > 10  # it died at every statement there is


def _check(ask: Callable[[str], list[tuple[Any, ...]]]) -> None:
    assert ask("SELECT id, toString(toDate(time)) FROM events FINAL ORDER BY id") == [
        ("event-1", "2026-01-31"),
        ("event-2", "2026-02-01"),
    ]
    sums = (
        "SELECT grain, sum(events), uniqCombined64Merge(12)(actors) FROM sums GROUP BY grain ORDER BY grain"
    )
    assert ask(sums) == [("day", 2, 2), ("hour", 2, 2)]
    stays = (
        "engine_full LIKE '%old_parts_lifetime = 480%'"  # what a merge replaces, until it is on disk itself
    )
    durable = ask(
        f"SELECT name FROM system.tables WHERE database = currentDatabase() AND {stays} ORDER BY name"  # noqa: S608
    )
    assert durable == [("events",), ("quarantine",), ("sums",)]
    assert ask("SELECT number FROM schema_steps ORDER BY number") == [(n + 1,) for n in range(len(STEPS))]


def test_an_old_directory_opens_and_goes_on(tmp_path: Path, client: Any) -> None:
    old_release(client)
    client.close()
    engine = open_engine(tmp_path / "engine")
    try:
        new = b'{"tenant":"a","id":"event-3","event":"task_completed","time":"2026-02-01T11:00:00Z","actor":"cyd"}\n'
        engine.insert("events", new, token="events:1-1")
        engine.insert("events", new, token="events:1-1")
        assert engine.rows("count_events") == [(3,)]
        found = engine.rows("overview", first_day="2026-01-01", end_day="2026-03-01")
        assert [(row[1], row[2], row[4]) for row in found] == [("", 1, 1), ("f", 2, 2)]
    finally:
        engine.close()


def test_data_of_a_newer_release_are_left_alone(client: Any) -> None:
    upgrade(client.command, ask_with(client))
    client.command("INSERT INTO schema_steps (number) VALUES ({n:UInt32})", {"n": len(STEPS) + 1})
    with pytest.raises(FromTheFuture, match=f"step {len(STEPS) + 1}.*newer release"):
        upgrade(client.command, ask_with(client))
