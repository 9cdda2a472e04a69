"""Control's 99th percentile while the candidate misbehaves, against control alone; and control against itself.

Every arm is a process of its own, and all of them take turns, a block of calls each, in an order that is drawn anew for
every round: a machine with other work hits all alike. While one arm runs the others are stopped, candidates and all.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bench._shadow_arm import ALONE

MOST_RATIO = 1.05
ROUNDS, CALLS = 12, 300
FEWEST_ROUNDS, MOST_SECONDS = (
    4,
    330.0,
)  # where the machine is busy there are fewer rounds, and wider intervals
RESAMPLES, CONFIDENCE = 1_000, 0.95
NOTHING, AGAIN = "control alone", "control alone, again"
# which candidates a pool promises to keep from control, by the name of the side
PROMISED = {
    "threads": {
        "well behaved": "control",
        "raises": "crashes",
        "hangs 10 s": "hangs",
        "waits 100 times longer": "waits_long",
    },
    "processes": {
        "well behaved": "control",
        "raises": "crashes",
        "its process dies": "dies",
        "hangs 10 s": "hangs",
        "returns 100 MB": "huge",
        "computes 100 times longer": "burns",
        "fills the memory": "greedy",
        "waits 100 times longer": "waits_long",
    },
}
UNPROMISED = {"threads": {"returns 100 MB": "huge", "computes 100 times longer": "burns"}}


@dataclass
class _Arm:
    name: str
    running: subprocess.Popen[str]
    is_promised: bool
    rounds: list[list[float]] = field(default_factory=list)  # ms of each call, by round
    counts: dict[str, int] = field(default_factory=dict)

    def take(self, calls: int) -> list[float]:
        """Let it run for so many calls, and stop it. Raises RuntimeError when it ended."""
        _signal(self.running.pid, signal.SIGCONT)
        took: list[float] = json.loads(self._ask(f"{calls}\n"))
        self.stop()
        return took

    def stop(self) -> None:
        _signal(self.running.pid, signal.SIGSTOP)

    def end(self) -> None:
        _signal(self.running.pid, signal.SIGCONT)
        assert self.running.stdin
        self.running.stdin.close()
        self.counts = json.loads(self.answer())

    def _ask(self, line: str) -> str:
        assert self.running.stdin
        self.running.stdin.write(line)
        self.running.stdin.flush()
        return self.answer()

    def answer(self) -> str:
        assert self.running.stdout
        said = self.running.stdout.readline()
        if not said:
            raise RuntimeError(f"{self.name}: it ended, and says why above")
        return said


def measured(rounds: int = ROUNDS, calls: int = CALLS) -> dict[str, dict[str, Any]]:
    """Return, by arm: control's p99 in ms alone and beside, their ratio with its interval, and what was compared."""
    with ExitStack() as stack:
        arms = [stack.enter_context(_arm(*each)) for each in _wanted()]
        ends = time.monotonic() + MOST_SECONDS
        for n in range(rounds):
            if n >= FEWEST_ROUNDS and time.monotonic() > ends:
                break
            for arm in random.sample(arms, len(arms)):
                arm.rounds.append(arm.take(calls))
        for arm in arms:
            arm.end()
    alone, again, *beside = arms
    both = [[*one, *two] for one, two in zip(alone.rounds, again.rounds, strict=True)]
    found = {AGAIN: _held_against(alone.rounds, again)}
    return found | {arm.name: _held_against(both, arm) for arm in beside}


def _wanted() -> Iterator[tuple[str, str, str, bool]]:
    yield NOTHING, ALONE, "", False
    yield AGAIN, ALONE, "", False
    for promised, pools in ((True, PROMISED), (False, UNPROMISED)):
        for pool, faults in pools.items():
            for fault, side in faults.items():
                yield f"{pool}: {fault}", pool, side, promised


@contextmanager
def _arm(name: str, pool: str, side: str, is_promised: bool) -> Iterator[_Arm]:
    running = subprocess.Popen(
        [sys.executable, "-m", "bench._shadow_arm", pool, side],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # weighed by itself, as every arm is
    )
    arm = _Arm(name, running, is_promised)
    try:
        arm.answer()  # it is ready
        arm.stop()
        yield arm
    finally:
        _signal(running.pid, signal.SIGKILL)
        running.wait()


def _held_against(alone: list[list[float]], arm: _Arm) -> dict[str, Any]:
    before, after = np.array(alone), np.array(arm.rounds)
    draws = np.random.default_rng(7).integers(0, len(after), (RESAMPLES, len(after)))
    ratios = [_p99(after[drawn]) / _p99(before[drawn]) for drawn in draws]  # whole rounds, both arms alike
    low, high = np.quantile(ratios, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    ratio = _p99(after) / _p99(before)
    return {
        "alone_ms": round(_p99(before), 3),
        "beside_ms": round(_p99(after), 3),
        "ratio": round(ratio, 3),
        "low": round(float(low), 3),
        "high": round(float(high), 3),
        "calls": after.size,
        "is_promised": arm.is_promised,
        "verdict": verdict(ratio, float(low), float(high)) if arm.is_promised else "",
        "counts": arm.counts,
    }


def _p99(times: Any) -> float:
    return float(np.quantile(times, 0.99))


def verdict(ratio: float, low: float, high: float) -> str:
    """Say what a ratio with its interval says of the bar."""
    if high <= MOST_RATIO:
        return "met"
    if low > MOST_RATIO:
        return "MISSED"
    return "met, not surely" if ratio <= MOST_RATIO else "unclear"


def _signal(pid: int, sign: signal.Signals) -> None:
    """Send a signal to an arm and to the processes of its pool, which have sessions of their own."""
    with suppress(OSError):  # a thread or a process of it may end meanwhile
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        pools = [int(process) for each in tasks for process in each.read_text().split()]
        for each in (pid, *pools):
            with suppress(ProcessLookupError):
                os.kill(each, sign)
