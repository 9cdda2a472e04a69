"""Evidence that the two paths of a shadow run differ more often than they may.

Under any share of differing pairs up to `AT_MOST` each likelihood ratio below is a supermartingale, and so is their
mean: an e-process (Ramdas, Gruenwald, Vovk and Shafer 2023), valid whenever it is looked at. It needs two counts.
"""

from __future__ import annotations

import math

AT_MOST = 0.02  # of pairs may differ unexplained, and nobody is harmed
_TIMES_AS_OFTEN = (2.0, 5.0, 10.0, 25.0)


def pair_evidence(unexplained: int, compared: int, *, at_most: float = AT_MOST) -> float:
    """Return how much likelier the counts are if pairs differ 2 to 25 times as often as they may; 1 without a pair.

    Raises ValueError for counts that cannot be.
    """
    if not 0 <= unexplained <= compared or not 0 < at_most < 1:
        raise ValueError(f"{unexplained} of {compared} pairs at a limit of {at_most} is no count of pairs")
    ratios = [_ratio(unexplained, compared, at_most, min(0.99, at_most * times)) for times in _TIMES_AS_OFTEN]
    return sum(ratios) / len(ratios)


def _ratio(bad: int, n: int, null: float, other: float) -> float:
    log = bad * math.log(other / null) + (n - bad) * math.log((1 - other) / (1 - null))
    return math.exp(min(log, 700.0))
