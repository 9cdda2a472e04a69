"""How tasks and first uses end: response time, failures, completion, bounce (P10), abandonment (P11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.adoption.telemetry.queries.connection import Events, engine, milliseconds
from companyos.adoption.telemetry.queries.days_back import days_back
from companyos.kernel.stats.binomial import lower_bound, upper_bound

SESSION_PAUSE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Minute:
    """Response times of one minute, in ms."""

    start: datetime
    n: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Tasks begun on a variant, and those that failed at least once, with a 90 % interval of the share."""

    variant: str
    tasks: int
    failed: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        return self.failed / self.tasks


@dataclass(frozen=True, slots=True)
class Completion:
    """`settled` were begun long enough ago to be done; of these `done` are."""

    tenant: str
    variant: str
    tasks: int
    settled: int
    done: int


@dataclass(frozen=True, slots=True)
class Bounce:
    """First uses in the span; `open` ones are still in their first session or first day."""

    people: int
    bounced: int
    open: int


@dataclass(frozen=True, slots=True)
class Abandonment:
    """Tasks of a kind, judged at three times the kind's median; without a median all are open."""

    kind: str
    median: timedelta | None
    tasks: int
    done: int
    abandoned: int

    @property
    def open(self) -> int:
        return self.tasks - self.done - self.abandoned


def latency_by_minute(
    span: Events, *, events: tuple[str, ...] = ("task_completed",), path: str = ""
) -> tuple[Minute, ...]:
    """Minutes in which something was measured, in order."""
    rows = engine().rows("latency_by_minute", **span.parameters(), events=list(events), path=path)
    return tuple(Minute(start, int(n), *(float(level) for level in levels)) for start, n, levels in rows)


def error_rates(span: Events) -> tuple[ErrorRate, ...]:
    rows = engine().rows("errors_by_variant", **span.parameters())
    return tuple(
        ErrorRate(variant, int(n), int(failed), lower_bound(failed, n, 0.95), upper_bound(failed, n, 0.95))
        for variant, n, failed in rows
    )


def completions(span: Events, *, settled_before: datetime) -> tuple[Completion, ...]:
    rows = engine().rows("task_completion", **span.parameters(), settled=milliseconds(settled_before))
    return tuple(Completion(tenant, variant, int(n), int(s), int(d)) for tenant, variant, n, s, d in rows)


def bounce(
    span: Events,
    *,
    path: str = "unified",
    other: str = "existing",
    keys: tuple[str, ...] = ("task_completed",),
    pause: timedelta = SESSION_PAUSE,
) -> Bounce:
    """P10. A session lasts until a pause longer than `pause`.

    A task begun on the `other` path within a day is back, and so is whoever switches back within a day (R180).
    """
    went = days_back(span.feature, span.since, span.until).parameters()
    row = engine().rows(
        "bounce",
        **span.parameters(),
        back=went["back"],
        back_from=went["back_from"],
        path=path,
        other=other,
        keys=list(keys),
        pause=pause // timedelta(milliseconds=1),
    )[0]
    return Bounce(*(int(each) for each in row))


def abandonment(span: Events, *, path: str = "unified") -> tuple[Abandonment, ...]:
    """P11. A task done later than three medians counts as abandoned: whoever waited had given it up by then."""
    return tuple(
        Abandonment(
            kind,
            None if median is None else timedelta(milliseconds=median),
            int(n),
            int(done),
            int(abandoned),
        )
        for kind, median, n, done, abandoned in engine().rows("abandonment", **span.parameters(), path=path)
    )
