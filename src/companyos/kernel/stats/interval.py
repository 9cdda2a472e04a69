"""The one shape in which an estimate leaves this package."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the range it may lie in; an infinite end means the sample cannot bound that side."""

    value: float
    low: float
    high: float


def check_confidence(confidence: float) -> None:
    """Refuse a confidence that is not strictly between 0 and 1 (NaN included)."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
