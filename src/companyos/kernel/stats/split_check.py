"""Were people divided as planned? The chi-square test of counts against weights (sample ratio mismatch)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import erfc, exp, gamma, isfinite, sqrt


def split_p_value(counts: Sequence[int], weights: Sequence[float]) -> float:
    """Return how often chance alone would divide people at least this unevenly (Pearson 1900).

    Raises ValueError for counts and weights that do not belong together, or without anybody to divide.
    """
    total, whole = sum(counts), sum(weights)
    if len(counts) != len(weights) or len(counts) < 2 or min(counts) < 0 or min(weights) <= 0 or total == 0:
        raise ValueError(f"counts {list(counts)} and weights {list(weights)} make no split")
    expected = [total * weight / whole for weight in weights]
    distance = sum((seen - due) ** 2 / due for seen, due in zip(counts, expected, strict=True))
    return chi_square_tail(distance, len(counts) - 1)


def chi_square_tail(x: float, degrees: int) -> float:
    """Return the chance that a chi-square variable exceeds `x`: the exact finite sums for whole degrees of freedom."""
    if x < 0 or degrees < 1 or not isfinite(x):
        raise ValueError(f"chi-square needs x >= 0 and at least 1 degree, got {x} and {degrees}")
    half = x / 2
    if degrees % 2 == 0:
        return exp(-half) * sum(math.pow(half, i) / gamma(i + 1) for i in range(degrees // 2))
    rest = sum(math.pow(half, i - 0.5) / gamma(i + 0.5) for i in range(1, (degrees + 1) // 2))
    return min(1.0, erfc(sqrt(half)) + exp(-half) * rest)
