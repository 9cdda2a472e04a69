"""The questions of the telemetry pages on generated events, beside DuckDB on the same events in the same run.

`BENCH_EVENTS` (100,000,000) events of 28 days and 200 tenants, one of which has 17 % of them, are made inside the
engine. Each question is asked through the product's own query functions: one warm-up, then the best of three.
The overview comes from the sums by day; DuckDB has none and reads the events, which is what the sums are for.

With BENCH_KEEP=folder the events are made there and stay. A run that has spent BENCH_MINUTES (9) on making them ends
with 0 and says so; the same command goes on where it ended, and the last one asks the questions.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil

from bench._events_made import SINCE, UNTIL, Making, too_little_disk
from bench.peers import python_of

FOLDER, KEEP = os.environ.get("BENCH_FOLDER"), os.environ.get("BENCH_KEEP")
MINUTES = float(os.environ.get("BENCH_MINUTES", "9")) if KEEP else float("inf")
RESULT = Path(__file__).parent / "results" / "queries.json"
UTC_ZONE = ZoneInfo("UTC")
BARS = {
    "funnel": 0.6,
    "time to value": 0.2,
    "weekly actives": 0.3,
    "retention": 0.35,
    "latency by minute": 0.05,
    "overview": 0.1,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`seconds` of the three runs after the first."""

    name: str
    seconds: list[float]
    first: float
    value: Any

    @property
    def best(self) -> float:
        return min(self.seconds)


def main() -> int:
    """Generate, ask both, print the table; 1 when a bar is missed or the answers differ."""
    with contextlib.ExitStack() as stack:
        name = KEEP or stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-queries-", dir=FOLDER))
        folder = Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        making = Making(folder)
        if problem := making.problem() or too_little_disk(folder, making.told["days"]):
            print(problem)
            return 1
        python = python_of("duckdb")
        if not making.went_through(within=60 * MINUTES):
            print(f"queries: not all is made yet after {MINUTES:g} minutes; the same command goes on")
            return 0
        made = making.told
        ours, memory = _ask_ours(folder), psutil.Process().memory_info().rss
        loaded, theirs = _ask_duckdb(python, folder)
    differ = [name for name in BARS if not _same(name, ours[name].value, theirs[name].value)]
    missed = [name for name, bar in BARS.items() if ours[name].best > bar]
    _print_table(ours, theirs, differ)
    result = {
        "events": made["events"], "bars": BARS, "missed": missed, "differ": differ, "passed": not missed and not differ,
        "made": made, "rss_bytes": memory, "duckdb": loaded,
        "ours": [_timing(each) for each in ours.values()], "theirs": [_timing(each) for each in theirs.values()],
    }  # fmt: skip
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    verdict = "bars met" if result["passed"] else f"BAR MISSED ({', '.join(missed + differ)})"
    ratios = ", ".join(f"{name} {theirs[name].best / ours[name].best:.1f}x" for name in BARS)
    print(
        f"queries: {verdict} at {made['events']:,} events; DuckDB takes {ratios}; RSS {memory / 2**20:.0f} MiB"
    )
    return 0 if result["passed"] else 1


def _ask_ours(folder: Path) -> dict[str, Answer]:
    from companyos.cli.ground import use_django

    use_django(folder)
    from companyos.adoption.telemetry import queries
    from companyos.adoption.telemetry.queries import actives, company, first_value, funnels, outcomes
    from companyos.analytics.engine import open_engine

    engine = open_engine(folder / "engine")
    queries.connect(engine)
    span = queries.Events("unified-approvals", ("tenant-0",), SINCE, UNTIL)
    last_day = queries.Events("unified-approvals", ("tenant-0",), UNTIL - timedelta(days=1), UNTIL)
    steps = (("case_started",), ("task_started",), ("task_completed",), ("case_closed",))
    question = funnels.Question(steps, timedelta(days=7))
    asked: dict[str, Callable[[], Any]] = {
        "funnel": lambda: [step.reached for step in funnels.funnel(span, question).steps],
        "time to value": lambda: first_value.time_to_value(span, first_value.Value()),
        "weekly actives": lambda: actives.weekly_actives(span, UTC_ZONE),
        "retention": lambda: actives.weekly_retention(span, UTC_ZONE),
        "latency by minute": lambda: outcomes.latency_by_minute(last_day),
        "overview": lambda: company.overview(SINCE.date(), UNTIL.date()),
    }
    try:
        return {name: _measured(name, ask) for name, ask in asked.items()}
    finally:
        engine.close()


def _measured(name: str, ask: Callable[[], Any]) -> Answer:
    seconds, value = [], None
    for _ in range(4):
        gc.collect()
        began = time.perf_counter()
        value = ask()
        seconds.append(time.perf_counter() - began)
    return Answer(name, seconds[1:], seconds[0], value)


def _ask_duckdb(python: str, folder: Path) -> tuple[dict[str, Any], dict[str, Answer]]:
    given = {
        "tenant": "tenant-0", "since": _naive(SINCE), "until": _naive(UNTIL),
        "day_before": _naive(UNTIL - timedelta(days=1)), "window": 7 * 86_400_000,
    }  # fmt: skip
    script = Path(__file__).parent / "peers" / "duckdb_queries.py"
    (folder / "peer.duckdb").unlink(missing_ok=True)
    command = [
        python,
        str(script),
        f"{folder}/files/*.parquet",
        str(folder / "peer.duckdb"),
        json.dumps(given),
    ]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    loaded, *told = (json.loads(line) for line in lines)
    loaded["bytes"] = (folder / "peer.duckdb").stat().st_size
    print(
        f"  DuckDB {loaded['version']} loaded them in {loaded['loaded']:.0f} s, {loaded['bytes'] / 1e9:.2f} GB"
    )
    return loaded, {
        each["name"]: Answer(each["name"], each["seconds"], each["first"], each["rows"]) for each in told
    }


def _same(name: str, ours: Any, theirs: Any) -> bool:
    """Exactly the same answer; where one of them estimates, the exact part of it."""
    match name:
        case "funnel":
            return bool(ours == theirs[0])
        case "time to value":
            levels = [
                None if each is None else each // timedelta(milliseconds=1) for each in (ours.p50, ours.p90)
            ]
            return bool([ours.people, ours.reached, *levels] == [_whole(each) for each in theirs[0]])
        case "weekly actives":
            return bool([row.people for row in ours] == [n for _, n in theirs])
        case "retention":
            return bool([cell.people for cell in ours if cell.people] == [n for *_, n in theirs])
        case "latency by minute":
            return bool([minute.n for minute in ours] == [n for _, n, _ in theirs])
        case _:
            counts = [[row.tenant, row.started, row.completed, row.failed] for row in ours]
            return counts == [[tenant, *figures] for tenant, _, _, *figures, _, _ in theirs]


def _whole(value: Any) -> int | None:
    return None if value is None else int(float(value))


def _naive(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat()


def _timing(answer: Answer) -> dict[str, Any]:
    return {key: value for key, value in asdict(answer).items() if key != "value"} | {"best": answer.best}


def _print_table(ours: dict[str, Answer], theirs: dict[str, Answer], differ: list[str]) -> None:
    print(
        f"{'seconds, best of 3':<28}{'ours':>8}{'bar':>7}{'DuckDB':>9}  all runs of ours, first in brackets"
    )
    for name, peer in theirs.items():
        own = ours.get(name)
        figures = f"{own.best:>8.3f}{BARS[name]:>7.2f}" if own else f"{'':>15}"
        runs = (
            f"  {' '.join(f'{each:.3f}' for each in own.seconds)} ({own.first:.3f})"
            if own
            else "  (another, simpler question)"
        )
        missed = "  MISSED" if own and own.best > BARS[name] else ""
        print(
            f"{name:<28}{figures}{peer.best:>9.3f}{runs}{missed}{'  ANSWERS DIFFER' if name in differ else ''}"
        )
