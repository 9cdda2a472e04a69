"""The limit above which a task was slow, fixed before a stage starts.

A fixed limit turns latency into a share like errors, judged by the same rules. A limit taken from the stage itself
would move with the fault that it should find.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from companyos.kernel.stats.quantiles import sample_rank

MIN_TASKS = 100
SLOWEST_SHARE = 0.05


def slow_limit(seconds_before: Iterable[float]) -> float:
    """Return the duration, in seconds, that 5 % of the tasks of the last week before the stage exceeded.

    Raises ValueError below 100 tasks or for a duration that is not a number: state an objective instead.
    """
    durations = sorted(seconds_before)
    if len(durations) < MIN_TASKS or not all(map(isfinite, durations)):
        raise ValueError(
            f"a limit needs at least {MIN_TASKS} measured durations, got {len(durations)}; state an objective instead"
        )
    return durations[sample_rank(len(durations), 1 - SLOWEST_SHARE) - 1]
