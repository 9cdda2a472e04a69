"""The port: what it refuses, how it says so, and what a repeated or interrupted insert leaves behind."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from companyos.analytics.engine import Engine, open_engine
from companyos.analytics.folder_lock import FolderInUse
from companyos.analytics.limits import EngineAway, EngineError, Limits, TooBig, TooSlow

_JANUARY = datetime(2024, 1, 31, 23, 0, tzinfo=UTC)


def rows_of(tenant: str, first: int, n: int) -> bytes:
    """Rows of two months, so that one insert makes parts in two partitions."""
    return b"".join(
        json.dumps({
            "tenant": tenant, "id": f"event-{i:06d}", "event": "task_completed", "actor": f"person-{i % 7}",
            "time": (_JANUARY + timedelta(hours=2 * (i % 2))).isoformat(), "received": _JANUARY.isoformat(),
            "feature": "crash", "path": "unified", "latency_ms": 5.0, "props": "{}",
        }).encode() + b"\n"
        for i in range(first, first + n)
    )  # fmt: skip


def summed(engine: Engine, tenant: str) -> int:
    rows = engine.rows("overview", first_day="2024-01-01", end_day="2024-03-01")
    return sum(row[4] for row in rows if row[0] == tenant)


def test_a_question_that_costs_too_much_is_stopped(engine: Engine) -> None:
    engine.insert("events", rows_of("costly", 0, 50_000), token="costly")
    with pytest.raises(TooSlow, match=r"stopped after 0\.001 s.*shorter span"):
        engine.rows("count_events", limits=Limits(seconds=0.001))
    with pytest.raises(TooBig, match="more than 1 MiB of memory"):
        engine.rows("count_events", limits=Limits(memory=1 << 20))
    with pytest.raises(TooBig, match="more than 3 rows"):
        engine.rows("completions", limits=Limits(rows=3), **_span("costly"))
    assert len(engine.rows("completions", **_span("costly"))) == 7  # the limits of one question end with it


def _span(tenant: str) -> dict[str, object]:
    return {
        "feature": "crash",
        "path": "unified",
        "tenants": [tenant],
        "since": 0,
        "until": 4_000_000_000_000,
        "back": [],
        "back_from": [],
        "back_until": [],
    }


def test_what_is_asked_for_is_data_and_never_sql(engine: Engine) -> None:
    nasty = "x' OR 1=1 -- \\ {a:String} %s"
    engine.insert("events", rows_of(nasty, 0, 2), token="nasty")
    engine.insert("events", rows_of("x", 0, 3), token="x")
    assert sum(n for *_, n in engine.rows("completions", **_span(nasty))) == 2
    with pytest.raises(ValueError, match="no query"):
        engine.rows("../schema/steps")
    with pytest.raises(ValueError, match="no table"):
        engine.insert("sums", b"", token="x")
    with pytest.raises(EngineError, match=r"days_with_tasks.*failed"):
        engine.rows("days_with_tasks", feature="f")


def test_questions_cannot_write(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from companyos.analytics import engine as module

    for name, text in {
        "spoil": "DROP TABLE events",
        "fill": "INSERT INTO events (tenant) VALUES ('x')",
    }.items():
        (tmp_path / f"{name}.sql").write_text(text)
        monkeypatch.setattr(module, "_SQL", tmp_path)
        with pytest.raises(EngineError, match="readonly"):
            engine.rows(name)


def test_a_block_sent_again_adds_nothing_to_table_and_sums(engine: Engine) -> None:
    for _ in range(3):
        engine.insert("events", rows_of("repeated", 0, 1000), token="repeated:1")
    assert summed(engine, "repeated") == 1000
    engine.insert("events", rows_of("repeated", 1000, 1000), token="repeated:2")
    assert summed(engine, "repeated") == 2000


def test_a_block_of_more_months_than_one_insert_may_meet_is_stored(engine: Engine) -> None:
    months = [datetime(2000 + n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in range(12 * 10)]
    rows = [
        {
            "tenant": "old",
            "id": f"event-{n:04d}",
            "event": "task_started",
            "time": at.isoformat(),
            "feature": "old",
        }
        for n, at in enumerate(months)
    ]
    engine.insert("events", b"".join(json.dumps(row).encode() + b"\n" for row in rows), token="old")
    found = engine.rows("overview", first_day="2000-01-01", end_day="2025-01-01")
    assert [row[3] for row in found if row[0] == "old"] == [len(months)]


def test_many_threads_ask_while_one_writes(engine: Engine) -> None:
    problems: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(5):
                engine.rows("completions", **_span("busy"))
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(5):
        engine.insert("events", rows_of("busy", n * 100, 100), token=f"busy:{n}")
    for thread in threads:
        thread.join()
    assert not problems
    assert summed(engine, "busy") == 500


_WRITER = """
import sys
sys.path[:0] = sys.argv[4:]
from pathlib import Path
from companyos.analytics.engine import open_engine
from engines.test_port import rows_of
engine = open_engine(Path(sys.argv[1]), sys.argv[2])
first = int(sys.argv[3])
for block in range(first, 10**6):
    rows = rows_of("killed", block * 50, 50)
    if block == first:  # it may have been begun, and nobody knows how far it came
        engine.complete("events", rows)
    else:
        engine.insert("events", rows, token=f"killed:{block}")
    print(block, flush=True)
"""
_TELLS = """
from engines.test_port import summed
print(engine.rows("count_rows"), engine.rows("count_events"), summed(engine, "killed"))
"""


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_kill_9_between_table_and_sums_loses_and_doubles_nothing(tmp_path: Path, kills: int) -> None:
    """The next process completes the interrupted block, as the drain does."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    done = -1
    for _ in range(kills):
        done = _write_until_killed(tmp_path, done, blocks=dice.randint(1, 6), after=dice.random() * 0.06)
    code = _WRITER.replace("10**6", f"{done + 3}") + _TELLS
    told = subprocess.run(
        _command(code, tmp_path, done + 1), check=True, capture_output=True, text=True
    ).stdout.splitlines()[-1]
    rows = (done + 3) * 50
    assert told == f"[({rows},)] [({rows},)] {rows}"


def _write_until_killed(folder: Path, done: int, *, blocks: int, after: float) -> int:
    with subprocess.Popen(_command(_WRITER, folder, done + 1), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(blocks):
            done = int(process.stdout.readline())
        timer = threading.Timer(after, process.send_signal, [signal.SIGKILL])
        timer.start()
        for line in process.stdout:
            done = int(line)
    return done


def _command(code: str, folder: Path, block: int) -> list[str]:
    paths = [path for path in sys.path if path]
    return [sys.executable, "-c", code, str(folder / "engine"), "", str(block), *paths]


def test_a_server_that_is_away_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(
        EngineAway, match=r"127\.0\.0\.1:1 got no answer.*connection refused.*COMPANYOS_CLICKHOUSE_URL"
    ):
        open_engine(tmp_path / "a", "clickhouse://someone:secret@127.0.0.1:1/db")
    for url in ("http://127.0.0.1", "clickhouse:///db", "nonsense"):
        with pytest.raises(EngineAway, match="is not clickhouse://"):
            open_engine(tmp_path / "a", url)


def test_a_second_process_is_refused(front_url: str, tmp_path: Path) -> None:
    first = open_engine(tmp_path, front_url)
    try:
        with pytest.raises(FolderInUse, match="in use by another process"):
            open_engine(tmp_path, front_url)
    finally:
        first.close()
    open_engine(tmp_path, front_url).close()
