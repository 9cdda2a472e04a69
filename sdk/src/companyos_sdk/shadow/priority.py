"""How the process of a candidate counts for less than the program, as far as the system lets it.

Loads nothing heavy: it is called first, so that starting steps back, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic
from typing import Any

_MOST_TIMES = 4  # as long as it may take at most, however little it gets of a processor


def step_back(nice: int) -> None:
    """Count for less than the program when processors are short.

    Linux may weigh whole sessions against each other (sched(7), autogroup): in the program's session a busy candidate
    would use up the program's share, however nice it is. In its own it is half as nice, so as not to starve altogether.
    """
    os.nice(nice)
    try:
        with open("/proc/self/autogroup", "w") as niceness:  # noqa: PTH123  (pathlib is heavy)
            niceness.write(str(nice // 2))
    except OSError:
        return  # there are no autogroups


def give_way() -> None:
    """Step back altogether, where Linux offers it: however nice a process is, one that wakes may wait out its slice of
    some milliseconds, but for one of SCHED_IDLE it never does. Only once it runs: starting must not take forever."""
    scheduler: Any = os
    try:
        scheduler.sched_setscheduler(0, scheduler.SCHED_IDLE, scheduler.sched_param(0))
    except (AttributeError, OSError):
        return


def own_time_left(process: int, seconds: float) -> Callable[[], float]:
    """Return how many of `seconds` another process has left, not counting what it waited for a processor.

    A process that steps back may wait long on a busy machine, and that is not its fault.
    """
    began, waited_before = monotonic(), _waited(process)

    def left() -> float:
        took = monotonic() - began
        if took < seconds:
            return seconds - took
        excused = min(_waited(process) - waited_before, (_MOST_TIMES - 1) * seconds)
        return seconds - (took - excused)

    return left


def _waited(process: int) -> float:
    """How many seconds a process has been ready to run and did not; 0 where the system does not say.

    The second figure of https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
    """
    try:
        with open(f"/proc/{process}/schedstat") as said:  # noqa: PTH123
            return int(said.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
