"""One arm of the benchmark of misbehaving candidates, a process: `python -m bench._shadow_arm POOL CANDIDATE`.

It calls control so often as each line of its input says, and answers with the times in ms. Between two lines its parent
stops it together with the processes of its pool, so that nothing of one arm runs while another is measured. What its
pool needs to begin is not measured: it says "ready" when a first comparison was told.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench import _shadow_sides as sides
from companyos_sdk.shadow import Breaker, ProcessPool, Shadow, ThreadPool

REQUEST = {"amount": 500, "who": "ada", "lines": [{"id": n, "amount": n * 1.5} for n in range(10)]}
ABOUT = {"tenant": "sales", "targetingKey": "ada", "case": "c-1", "variant": "large"}
ALONE = "alone"
_BEGINS_WITHIN = 60.0  # seconds


class Counts:
    """A telemetry that only counts: what the network costs is measured elsewhere."""

    def __init__(self) -> None:
        self.told = 0
        self.has_told = threading.Event()

    def send(self, name: str, **parts: Any) -> None:
        self.told += 1
        self.has_told.set()


def main() -> None:
    """Serve lines until the input ends; then say how many calls were compared, and how many were left out and why."""
    logging.disable(logging.CRITICAL)
    _count_as_nice()
    pool, candidate = sys.argv[1:]
    telemetry = Counts()
    shadow = None if pool == ALONE else _shadow(pool, telemetry)
    answer = _control if shadow is None else _beside(shadow, getattr(sides, candidate))
    expected = answer()
    if shadow is not None and not telemetry.has_told.wait(_BEGINS_WITHIN):
        raise AssertionError(f"no comparison in {_BEGINS_WITHIN:g} s")
    print("ready", flush=True)
    for line in sys.stdin:
        took = []
        for _ in range(int(line)):
            began = time.perf_counter()
            answered = answer()
            took.append(round(1000 * (time.perf_counter() - began), 4))
            if answered != expected:
                raise AssertionError("the candidate changed an answer")
        _let_it_work_off(telemetry)
        print(json.dumps(took), flush=True)
    counts = {} if shadow is None else shadow.counts
    print(json.dumps({why: count for why, count in counts.items() if count}), flush=True)


def _shadow(pool: str, telemetry: Counts) -> Shadow:
    made: Any = (
        ThreadPool(timeout_seconds=1.0)
        if pool == "threads"
        else ProcessPool(timeout_seconds=1.0, memory_mb=512)
    )
    # without the breaker: what it would spare control is not counted in our favour
    return Shadow("route", telemetry=telemetry, pool=made, breaker=Breaker(after=1_000_000))


def _let_it_work_off(telemetry: Counts) -> None:
    """Wait while comparisons come: one that is stopped halfway is late when it goes on."""
    told = -1
    while told < telemetry.told:
        told = telemetry.told
        time.sleep(0.05)


def _count_as_nice() -> None:
    """Linux weighs sessions against each other by a niceness of their own, and this process has its own session."""
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(os.getpriority(os.PRIO_PROCESS, 0)))


def _control() -> Any:
    return sides.control(REQUEST)


def _beside(shadow: Shadow, candidate: Callable[..., Any]) -> Callable[[], Any]:
    return lambda: shadow.call(sides.control, candidate, REQUEST, about=ABOUT)


if __name__ == "__main__":
    main()
