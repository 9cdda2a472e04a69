"""Runs in its own environment (`bench/_gbstats.py`): GrowthBook's sequential test on streams of running counts.

One JSON line in: a list of looks [tasks, errors, other tasks, other errors]. One line out: the first look at which
the first side is worse for certain, or null.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import numpy as np
from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest
from gbstats.models.statistics import ProportionStatistic

_CONFIG = SequentialConfig(alpha=0.05, difference_type="absolute", sequential_tuning_parameter=5000)


def first_alarm(looks: list[list[float]]) -> int | None:
    """Return the index of the first look whose interval for the difference lies above 0."""
    for i, (n, errors, other_n, other_errors) in enumerate(looks):
        if min(errors, other_errors) < 1 or errors * other_n <= other_errors * n:
            continue
        other = ProportionStatistic(n=round(other_n), sum=other_errors)
        ours = ProportionStatistic(n=round(n), sum=errors)
        low = SequentialTwoSidedTTest(other, ours, _CONFIG).compute_result().ci[0]
        if low is not None and low > 0:
            return i
    return None


if __name__ == "__main__":
    np.seterr(over="ignore")  # its p-value overflows where the interval, which we read, does not
    print(json.dumps(version("gbstats")), flush=True)
    for line in sys.stdin:
        print(json.dumps(first_alarm(json.loads(line))), flush=True)
