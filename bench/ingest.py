"""How fast events are acknowledged: an open loop at exactly the rate, guardrails, de-duplication and drain on, fsynced.

The load comes from this machine, on the same cores. Delays count from when a batch was due, not from when it left.
Bars: 20,000 events/s in batches of 20 and 50,000 in batches of 100: half within 5 ms, 99 of 100 within 50 ms (median
of the runs); everything drained within 2 s; at most 1 GiB. Beside it what a closed loop reaches, and before each run
what the disk does alone with as many bytes and syncs: an acknowledgement cannot come before its sync.

BENCH_SECONDS (60), BENCH_REPEATS (5), BENCH_PROCESSES (2) and BENCH_SHAPES (20000x20,50000x100) make it shorter or
other. Below 57 s at 50,000/s the de-duplication does not grow to what 60 s ask of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psutil

from bench._disk import syncs_alone
from bench._instance import KEY, Running, percentile, running, store

SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
REPEATS = int(os.environ.get("BENCH_REPEATS", "5"))
PROCESSES = int(os.environ.get("BENCH_PROCESSES", "2"))
SHAPES = [
    tuple(map(int, shape.split("x")))
    for shape in os.environ.get("BENCH_SHAPES", "20000x20,50000x100").split(",")
]
PEAK_SECONDS = DISK_SECONDS = min(10.0, SECONDS)
MOST_P50_MS, MOST_P99_MS, MOST_LAG_S, MOST_RSS = 5.0, 50.0, 2.0, 2**30
PLAN = "unified-approvals"


@dataclass(frozen=True, slots=True)
class Run:
    """One run at one rate."""

    rate: int
    batch: int
    p50_ms: float
    p99_ms: float
    lag_s: float
    rss_mib: float
    failures: int
    acknowledged: int
    cores_edge: float
    cores_pages: float
    cores_load: float
    cores_others: float  # work on this machine that is not the bench's: on a quiet one it is about 0
    disk_p99_ms: float  # of the syncs alone, just before
    disk_longest_ms: float


@dataclass(slots=True)
class Watch:
    """What the server needs meanwhile: its memory, and how far the drain has come."""

    instance: Running
    drained: list[tuple[float, int]] = field(default_factory=list)
    most_rss: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def follow(self) -> None:
        """Look 20 times a second until told to stop; at the memory once a second, since that is dear."""
        position = self.instance.data / "engine" / "drain.json"
        while not self._stop.wait(0.05):
            self.drained.append((time.monotonic(), _drained(position)))
            if len(self.drained) % 20 == 0:
                self.most_rss = max(self.most_rss, _memory(self.instance.process.pid))

    def stop(self) -> None:
        self._stop.set()

    def lag(self, acks: list[tuple[float, int]]) -> float:
        """The longest that something acknowledged was not yet in the engine."""
        ordered = sorted(acks, key=lambda ack: ack[1])
        longest, place = 0.0, 0
        for at, drained in self.drained:
            while place < len(ordered) and ordered[place][1] <= drained:
                place += 1
            if place < len(ordered):
                longest = max(longest, at - ordered[place][0])
        return longest


def main() -> int:
    """Run every rate, print a table, store the figures; 1 when a bar is missed."""
    print(
        f"{REPEATS} runs of {SECONDS:.0f} s, {PROCESSES} processes, load generator on the same {os.cpu_count()} cores"
    )
    runs = [_run(rate, batch) for rate, batch in SHAPES for _ in range(REPEATS)]
    peaks = {batch: _peak(batch) for _, batch in SHAPES}
    missed = [
        words for rate, batch in SHAPES for words in _missed([r for r in runs if r.rate == rate], batch)
    ]
    for rate, batch in SHAPES:
        print(_summary([r for r in runs if r.rate == rate], rate, batch, peaks[batch]))
    result = {"seconds": SECONDS, "processes": PROCESSES, "runs": [asdict(run) for run in runs]}
    store("ingest", result | {"closed_loop_events_a_second": peaks, "missed": missed})
    print(f"ingest: {'bars met' if not missed else 'BAR MISSED: ' + '; '.join(missed)}")
    return 1 if missed else 0


def _run(rate: int, batch: int) -> Run:
    disk = syncs_alone(rate, batch, DISK_SECONDS)
    with running(processes=PROCESSES) as instance:
        _begin_a_rollout(instance)
        watch = Watch(instance)
        following = threading.Thread(target=watch.follow)
        following.start()
        before, began = _processor_seconds(instance), time.monotonic()
        told = _load(instance, batch, rate, SECONDS)
        took, after = time.monotonic() - began, _processor_seconds(instance)
        cores = {who: (after[who] - before[who]) / took for who in after}
        _wait_for_the_drain(watch, told)
        watch.stop()
        following.join()
        acks = [(at, offset) for at, offset in told["acks"]]
    delays = [1000 * each for each in told["delays"]] or [float("inf")]
    run = Run(
        rate,
        batch,
        round(percentile(delays, 0.5), 2),
        round(percentile(delays, 0.99), 2),
        round(watch.lag(acks), 2),
        round(watch.most_rss / 2**20),
        told["failures"],
        len(acks) * batch,
        *(round(cores[who], 2) for who in ("edge", "pages", "load")),
        round(cores["all"] - cores["edge"] - cores["pages"] - cores["load"], 2),
        *disk,
    )
    print(
        f"  {rate:>6,}/s x{batch:<3} p50 {run.p50_ms:8.2f} ms  p99 {run.p99_ms:8.2f} ms"
        f"  drain lag {run.lag_s:5.2f} s  RSS {run.rss_mib:5.0f} MiB  {run.failures} failures;"
        f" cores: edge {run.cores_edge}, pages {run.cores_pages}, load {run.cores_load}, others {run.cores_others};"
        f" disk alone p99 {run.disk_p99_ms} ms, longest {run.disk_longest_ms} ms",
        flush=True,
    )
    return run


def _peak(batch: int) -> int:
    with running(processes=PROCESSES) as instance:
        _begin_a_rollout(instance)
        return round(len(_load(instance, batch, 0, PEAK_SECONDS)["acks"]) * batch / PEAK_SECONDS)


def _load(instance: Running, batch: int, rate: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "told.json"
        asked = [str(instance.port), KEY, str(batch), str(rate), str(seconds), str(out)]
        subprocess.run([sys.executable, "-m", "bench._events_load", *asked], check=True)
        told: dict[str, Any] = json.loads(out.read_text())
        return told


def _begin_a_rollout(instance: Running) -> None:
    """Put the first stage on, so that its guardrail judges what comes."""
    headers = {"authorization": f"Bearer {instance.person_key}"}
    with httpx.Client(base_url=instance.url, headers=headers, timeout=30) as client:
        gives_up = time.monotonic() + 60
        while (
            told := client.get(f"/api/v1/rollouts/{PLAN}")
        ).status_code == 503 and time.monotonic() < gives_up:
            time.sleep(0.1)  # the pages come up a little after the edge
        version = told.raise_for_status().json()["version"]
        asked = {"version": version, "reason": "the bench watches a stage"}
        client.post(f"/api/v1/rollouts/{PLAN}/start", json=asked).raise_for_status()


def _wait_for_the_drain(watch: Watch, told: dict[str, Any]) -> None:
    last = max((offset for _, offset in told["acks"]), default=0)
    gives_up = time.monotonic() + 60
    while time.monotonic() < gives_up and (not watch.drained or watch.drained[-1][1] < last):
        time.sleep(0.05)


def _drained(position: Path) -> int:
    try:
        return int(json.loads(position.read_bytes())["drained"])
    except (OSError, ValueError, KeyError):
        return 0


def _memory(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))
    except psutil.Error:
        return 0


def _processor_seconds(instance: Running) -> dict[str, float]:
    """Seconds of processor time so far: the edge's, the pages' and the worker's, the load's, everybody's."""
    edge = psutil.Process(instance.process.pid)
    whole, ours = psutil.cpu_times(), os.times()
    return {
        "edge": sum(edge.cpu_times()[:2]),
        "pages": sum(sum(child.cpu_times()[:2]) for child in edge.children(recursive=True)),
        "load": ours.user + ours.system + ours.children_user + ours.children_system,
        "all": sum(whole) - whole.idle - whole.iowait - whole.guest - whole.guest_nice,
    }


def _missed(runs: list[Run], batch: int) -> list[str]:
    checks = {
        f"p50 {median(r.p50_ms for r in runs):.1f} ms": median(r.p50_ms for r in runs) <= MOST_P50_MS,
        f"p99 {median(r.p99_ms for r in runs):.1f} ms": median(r.p99_ms for r in runs) <= MOST_P99_MS,
        f"drain lag {median(r.lag_s for r in runs):.1f} s": median(r.lag_s for r in runs) <= MOST_LAG_S,
        f"RSS {max(r.rss_mib for r in runs):.0f} MiB": max(r.rss_mib for r in runs) * 2**20 <= MOST_RSS,
        f"{sum(r.failures for r in runs)} failures": not any(r.failures for r in runs),
    }
    return [f"{runs[0].rate:,}/s x{batch}: {words}" for words, held in checks.items() if not held]


def _summary(runs: list[Run], rate: int, batch: int, peak: int) -> str:
    return (
        f"{rate:,}/s x{batch}: median p50 {median(r.p50_ms for r in runs):.2f} ms,"
        f" p99 {median(r.p99_ms for r in runs):.2f} ms, drain lag {median(r.lag_s for r in runs):.2f} s,"
        f" RSS {max(r.rss_mib for r in runs):.0f} MiB; closed loop {peak:,} events/s"
    )
