"""Time to first value (P12), with those who still wait.

The clock of each person starts at the first start ever held, if that fell into the span, and stops at the first
value ever held. Who has none by the end of the span is censored then: counted as waiting that long, not as never
(Kaplan and Meier 1958). A quantile that the estimate does not reach is None: too many still wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from companyos.adoption.telemetry.queries.connection import Events, engine


@dataclass(frozen=True, slots=True)
class Value:
    """Which events start the clock and which are the value, each on one path only if `…path` says so."""

    starts: tuple[str, ...] = ("feature_flag.evaluation",)
    values: tuple[str, ...] = ("task_completed",)
    start_path: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class TimeToValue:
    people: int
    reached: int
    p50: timedelta | None
    p90: timedelta | None

    @property
    def open(self) -> int:
        """Those still waiting."""
        return self.people - self.reached


def time_to_value(span: Events, value: Value) -> TimeToValue:
    people, reached, p50, p90 = engine().rows(
        "time_to_value",
        **span.parameters(),
        starts=list(value.starts),
        values=list(value.values),
        events=sorted({*value.starts, *value.values}),
        start_path=value.start_path,
        path=value.path,
    )[0]
    return TimeToValue(int(people or 0), int(reached or 0), _span_of(p50), _span_of(p90))


def _span_of(milliseconds: int | None) -> timedelta | None:
    return None if milliseconds is None else timedelta(milliseconds=int(milliseconds))
