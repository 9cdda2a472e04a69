"""From the log into the engine exactly once, wherever the process dies in between."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from companyos.analytics.drain import Drain
from companyos.analytics.engine import open_engine
from companyos.analytics.events import Event, stored_body, stored_line
from companyos.analytics.folder_lock import FolderInUse
from companyos.analytics.inbox import FrameKind, InboxLog

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Died(BaseException):
    """The process ended here."""


class Fuse:
    """Dies at the step it was set to."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Died


class RememberingEngine:
    """An engine that, like the real one, notes a block's token before it keeps the rows, and may die in between."""

    def __init__(self, fuse: Fuse | None = None) -> None:
        self.fuse = fuse or Fuse(10**9)
        self.tables: dict[str, list[bytes]] = {"events": [], "quarantine": []}
        self.tokens: dict[str, bytes] = {}

    def insert(self, table: str, ndjson: bytes, *, token: str) -> None:
        self.fuse.step()
        if token in self.tokens:
            return
        self.tokens[token] = ndjson
        self._keep(table, ndjson.splitlines())

    def complete(self, table: str, ndjson: bytes) -> None:
        self.fuse.step()
        held = self.tables[table] if table == "events" else []
        self._keep(table, [line for line in ndjson.splitlines() if line not in held])

    def _keep(self, table: str, lines: list[bytes]) -> None:
        for line in lines:
            self.fuse.step()
            self.tables[table].append(line)
        self.fuse.step()

    def mend_rollups(self) -> list[str]:
        raise NotImplementedError

    def order_by_person(self) -> None:
        raise NotImplementedError

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def close(self) -> None: ...


class DyingDrain(Drain):
    """A drain that also dies before and after noting its progress."""

    def __init__(self, inbox: InboxLog, engine: RememberingEngine, folder: Path) -> None:
        self._fuse = engine.fuse
        super().__init__(inbox, engine, folder)

    def _write(self, progress: Any) -> None:
        self._fuse.step()
        super()._write(progress)
        self._fuse.step()


def append(log: InboxLog, kind: FrameKind, payload: bytes) -> int:
    return asyncio.run(log.append(kind, payload, received=NOW))


def line(number: int) -> bytes:
    event = Event(id=f"event-{number:04d}", event="task_started", time=NOW, tenant="sales")
    return stored_line(stored_body(event, now=NOW), received=NOW) + b"\n"


def fill(log: InboxLog, numbers: range) -> None:
    for number in numbers:
        append(log, FrameKind.EVENTS, line(number))
    append(log, FrameKind.QUARANTINE, b'{"tenant":"","id":"%d","reason":"r","body":"b"}\n' % numbers[0])
    append(log, FrameKind.SERVING, b"{}")


def test_every_event_once_wherever_the_process_dies(tmp_path: Path) -> None:
    deaths = 0
    for at in range(60):
        log = InboxLog(tmp_path / str(at) / "inbox")
        folder = tmp_path / str(at) / "drain"
        engine = RememberingEngine(Fuse(at))
        fill(log, range(4))
        try:
            dying = DyingDrain(log, engine, folder)
            while dying.run_once(3):
                pass
        except Died:
            deaths += 1
        fill(log, range(4, 8))  # life goes on before the next start
        engine.fuse.left = 10**9
        drain = Drain(log, engine, folder)
        drain.catch_up()
        assert engine.tables["events"] == [line(n).rstrip() for n in range(8)], f"died at step {at}"
        assert len(set(engine.tables["quarantine"])) == 2  # may be there twice: nothing of it is lost
        assert drain.drained_offset == log.synced_seq
        assert drain.run_once() == 0
        log.close()
    assert 15 < deaths < 60  # the fuse covered all of a run, and some runs ended well


def test_blocks_are_limited_and_positions_kept(tmp_path: Path) -> None:
    log = InboxLog(tmp_path / "inbox")
    fill(log, range(8))
    engine = RememberingEngine()
    drain = Drain(log, engine, tmp_path / "drain")
    assert [drain.run_once(4), drain.drained_offset] == [4, 4]
    again = Drain(log, engine, tmp_path / "drain")
    assert again.drained_offset == 4
    assert again.catch_up() == 6
    assert sorted(engine.tokens) == ["events:1-4", "events:5-10", "quarantine:5-10"]
    log.close()


def test_the_real_engine_drops_a_block_it_already_has(tmp_path: Path) -> None:
    log = InboxLog(tmp_path / "inbox")
    fill(log, range(500))
    engine = open_engine(tmp_path / "engine")
    try:
        before_position = Drain(log, engine, tmp_path / "drain")
        progress = tmp_path / "drain" / "drain.json"
        before_position.run_once(300)
        progress.write_bytes(
            b'{"drained":0,"planned":300}'  # as when it died just before noting the position
        )
        drain = Drain(log, engine, tmp_path / "drain")
        drain.catch_up()
        assert engine.rows("count_rows") == engine.rows("count_events") == [(500,)]
        with pytest.raises(ValueError, match="no query"):
            engine.rows("../secrets")
        with pytest.raises(ValueError, match="no table"):
            engine.insert("system", b"", token="x")
        with pytest.raises(FolderInUse):
            open_engine(tmp_path / "engine")
    finally:
        engine.close()
        log.close()


def test_heavy_libraries_load_only_when_an_engine_is_opened() -> None:
    code = (
        "import sys, companyos.analytics.drain, companyos.surfaces.edge\n"
        "print(sorted({'chdb', 'pyarrow', 'clickhouse_connect', 'django'} & set(sys.modules)))"
    )
    paths = {"PYTHONPATH": ":".join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=paths)
    assert done.stdout.strip() == "[]"
