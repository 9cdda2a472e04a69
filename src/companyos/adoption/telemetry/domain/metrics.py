"""A metric's figure against its target: met, missed, or not enough evidence. No figure is an answer, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from companyos.adoption.telemetry.domain.catalogue import Better, MetricSpec


class Standing(StrEnum):
    MET = "met"
    MISSED = "missed"
    UNDECIDED = "undecided"  # the interval lies on both sides of the target
    NO_TARGET = "no_target"
    NO_DATA = "no_data"
    NOT_CONNECTED = "not_connected"
    TOO_FEW_ANSWERS = "too_few_answers"  # an opinion of so few that it could be somebody's


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, how sure it is and on how many it rests; `problem` says in words why there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    problem: str = ""
    connected: bool = True
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A figure of one period of a trend. `complete` is False while the period is still running."""

    since: datetime
    until: datetime
    figure: Figure
    complete: bool = True


def standing(spec: MetricSpec, figure: Figure) -> Standing:
    """Judge a figure. With an interval the whole of it decides; a count has none and decides itself."""
    if not figure.connected:
        return Standing.NOT_CONNECTED
    if figure.hidden:
        return Standing.TOO_FEW_ANSWERS
    if figure.value is None:
        return Standing.NO_DATA
    if spec.target is None:
        return Standing.NO_TARGET
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    if spec.better is Better.DOWN:
        low, high, target = -high, -low, -spec.target
    else:
        target = spec.target
    if low >= target:
        return Standing.MET
    return Standing.MISSED if high < target else Standing.UNDECIDED
