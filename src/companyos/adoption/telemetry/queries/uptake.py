"""From meeting the feature to first value (P12) to coming back, by person; and how long people wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from companyos.adoption.telemetry.domain.waiting import Waited, Waiting, waiting
from companyos.adoption.telemetry.queries.connection import Events, engine

NEW_PATH, OLD_PATH = "unified", "existing"
ON = ["on", "reverse-shadow"]  # the variants of people who are on
STEPS = ("Met it switched on", "Began a task", "Did a first task", "Did one on a later day")


@dataclass(frozen=True, slots=True)
class UptakeStep:
    """`open` stand before the next step and still have time; `dropped` have not taken it in time."""

    title: str
    reached: int
    share_of_first: float | None
    share_of_previous: float | None
    open: int
    dropped: int
    median: timedelta | None  # from the step before


def uptake(span: Events, zone: ZoneInfo, *, window: timedelta = timedelta(days=7)) -> tuple[UptakeStep, ...]:
    """Each person's first times, in order. People who first met the feature in the span are asked about."""
    row = engine().rows(
        "uptake", **_parameters(span), zone=zone.key, window=window // timedelta(milliseconds=1)
    )[0]
    reached, still = [int(n) for n in row[:4]], [int(n) for n in row[4:7]] + [0]
    medians = [None, *(None if ms is None else timedelta(milliseconds=float(ms)) for ms in row[7:])]
    return tuple(
        UptakeStep(
            title,
            reached[k],
            _share(reached[k], reached[0]),
            _share(reached[k], reached[max(0, k - 1)]),
            still[k],
            reached[k] - reached[k + 1] - still[k] if k + 1 < len(STEPS) else 0,
            medians[k],
        )
        for k, title in enumerate(STEPS)
    )


def first_value(span: Events) -> Waiting:
    """Return how long the people who first met the feature in the span waited for their first task done."""
    rows = engine().rows("first_value_times", **_parameters(span))
    return waiting(
        Waited(timedelta(seconds=2 ** (int(step) / 8)), int(done), int(still)) for step, done, still in rows
    )


def _parameters(span: Events) -> dict[str, Any]:
    return {**span.parameters(), "on": ON, "path": NEW_PATH}


def _share(n: int, of: int) -> float | None:
    return n / of if of else None
