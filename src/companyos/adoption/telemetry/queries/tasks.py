"""What people did on one path of a feature: the figures that gates and guardrails ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, cast

from companyos.adoption.telemetry.domain.symptoms import EVALUATED, OF_TASKS, Seen
from companyos.adoption.telemetry.domain.trends import PersonDay
from companyos.adoption.telemetry.models import FirstExposure
from companyos.adoption.telemetry.queries.connection import engine, milliseconds
from companyos.adoption.telemetry.queries.days_back import days_back
from companyos.analytics.limits import Limits, TooBig
from companyos.kernel.error_sessions import ErrorSessions
from companyos.kernel.stats.quantiles import quantile_ranks

Quantile = tuple[int, float | None, float | None, float | None]  # n, value, low, high
_A_WEEK, _A_MINUTE = timedelta(weeks=1), timedelta(minutes=1)
_OF_A_PIECE = Limits(seconds=60.0, memory=1 << 29, rows=200_000)
_LOOKED_AT = sorted({EVALUATED, *OF_TASKS})
_NO_QUANTILE: Quantile = (0, None, None, None)


@dataclass(frozen=True, slots=True)
class Span:
    """Tasks of a feature on one path, in some tenants, between two moments."""

    feature: str
    tenants: tuple[str, ...]
    since: datetime
    until: datetime
    path: str = "unified"

    def parameters(self) -> dict[str, Any]:
        return {
            "feature": self.feature,
            "path": self.path,
            "tenants": list(self.tenants),
            "since": milliseconds(self.since),
            "until": milliseconds(self.until),
        }


@dataclass(frozen=True, slots=True)
class Totals:
    tasks: int
    settled: int  # begun long enough ago to be done by now
    settled_done: int
    violations: int


def totals(span: Span, *, settled_before: datetime) -> Totals:
    row = engine().rows("task_totals", **span.parameters(), settled=milliseconds(settled_before))[0]
    return Totals(*(int(each) for each in row))


def error_sessions(span: Span, zone: tzinfo) -> int:
    """Count failures as error sessions: a person's errors within 30 minutes are one, at most 3 a day."""
    sessions = ErrorSessions(zone=zone)
    return sum(
        sessions.opens_one(actor, at) for actor, at in engine().rows("task_failures", **span.parameters())
    )


def totals_by_feature(
    since: Mapping[str, datetime], *, tenants: tuple[str, ...], until: datetime, settled_before: datetime
) -> dict[str, Totals]:
    """Return the totals of many features in one query, each since its own moment; one without tasks has zeros."""
    rows = engine().rows(
        "task_totals_by_feature", **_of_many(since, tenants, until), settled=milliseconds(settled_before)
    )
    found = {feature: Totals(*(int(each) for each in rest)) for feature, *rest in rows}
    return {feature: found.get(feature, Totals(0, 0, 0, 0)) for feature in since}


def error_sessions_by_feature(
    since: Mapping[str, datetime], *, tenants: tuple[str, ...], until: datetime, zone: tzinfo
) -> dict[str, int]:
    """Count the error sessions of many features in one query."""
    sessions = {feature: ErrorSessions(zone=zone) for feature in since}
    counted = dict.fromkeys(since, 0)
    for feature, actor, at in engine().rows("task_failures_by_feature", **_of_many(since, tenants, until)):
        counted[feature] += sessions[feature].opens_one(actor, at)
    return counted


def _of_many(since: Mapping[str, datetime], tenants: tuple[str, ...], until: datetime) -> dict[str, Any]:
    return {
        "features": list(since),
        "sinces": [milliseconds(each) for each in since.values()],
        "earliest": milliseconds(min(since.values())),
        "until": milliseconds(until),
        "tenants": list(tenants),
        "path": "unified",
    }


def latency_quantile(span: Span, q: float, confidence: float) -> Quantile:
    """Return n, and the quantile of response time in ms with its order-statistic interval."""
    return _order_statistics("latency", span, q, confidence)


def latency_quantile_by_feature(
    since: Mapping[str, datetime], q: float, confidence: float, *, tenants: tuple[str, ...], until: datetime
) -> dict[str, Quantile]:
    """Return `latency_quantile` of many features in two queries, each since its own moment."""
    counts = dict(engine().rows("latency_count_by_feature", **_of_many(since, tenants, until)))
    found: dict[str, Quantile] = dict.fromkeys(since, _NO_QUANTILE)
    some = {feature: begin for feature, begin in since.items() if counts.get(feature)}
    if not some:
        return found
    levels = [_levels(int(counts[feature]), q, confidence) for feature in some]
    lows, mids, highs = zip(*levels, strict=True)
    for feature, low, mid, high in engine().rows(
        "latency_levels_by_feature",
        **_of_many(some, tenants, until),
        lows=list(lows),
        mids=list(mids),
        highs=list(highs),
    ):
        found[feature] = int(counts[feature]), float(mid), float(low), float(high)
    return found


def handling_quantile(span: Span, q: float, confidence: float) -> Quantile:
    """Return n, and the quantile of handling time in seconds with its order-statistic interval."""
    return _order_statistics("handling", span, q, confidence)


def completions_by_person(span: Span) -> dict[tuple[str, int], int]:
    """Return tasks done by (person, weeks back from the end of the span).

    What somebody ended on the path in a day back (R180) is not use of it: it had begun before.
    """
    back = days_back(span.feature, span.since, span.until)
    rows = engine().rows("completions", **span.parameters(), **back.parameters())
    return {(p, int(weeks)): int(n) for p, weeks, n in rows}


def person_days(span: Span, zone: str) -> tuple[PersonDay, ...]:
    rows = engine().rows("person_days", **span.parameters(), zone=zone)
    return tuple(PersonDay(p, day, int(b), int(d), tuple(logs)) for p, day, b, d, logs in rows)


def days_with_tasks(span: Span, zone: str) -> int:
    return int(engine().rows("days_with_tasks", **span.parameters(), zone=zone)[0][0])


def events_counted() -> int:
    """Return how many distinct events the engine holds."""
    return int(engine().rows("count_events")[0][0])


def bugs_counted() -> int:
    """Return how many of them are bugs that people opened as cases: no client sent those."""
    return int(engine().rows("count_reported_bugs")[0][0])


def tasks_seen(feature: str, since: datetime, until: datetime | None = None) -> Iterator[Seen]:
    """Yield what the guardrails look at of a feature between two moments (or from one on), in (time, id) order.

    It is read a week at a time, and in shorter pieces where a week is too much: however large the company, it takes
    the memory of one piece. Raises TooBig when a minute is too much.
    """
    end = until or _newest(feature) + timedelta(milliseconds=1)
    piece = _A_WEEK
    while since < end:
        try:
            seen = _tasks_between(feature, since, min(since + piece, end))
        except TooBig:
            if piece <= _A_MINUTE:
                raise
            piece /= 8
            continue
        yield from seen
        since += piece


def _tasks_between(feature: str, since: datetime, until: datetime) -> list[Seen]:
    asked = {"feature": feature, "since": milliseconds(since), "until": milliseconds(until)}
    return [Seen(*row) for row in engine().rows("tasks_seen", limits=_OF_A_PIECE, **asked, events=_LOOKED_AT)]


def _newest(feature: str) -> datetime:
    ((newest,),) = engine().rows("newest_task", feature=feature, events=_LOOKED_AT)
    return cast(datetime, newest)


def first_exposures(feature: str, tenants: Collection[str] | None = None) -> dict[str, datetime]:
    """Return when each person first met the feature switched on, in any tenant, or in any of these."""
    rows = FirstExposure.objects.across_tenants(because="a person counts once, whatever the tenants")
    rows = rows.filter(feature=feature)
    if tenants is not None:
        rows = rows.filter(tenant_id__in=tenants)
    return dict(rows.order_by("-at").values_list("person", "at"))


def first_exposure(feature: str, person: str) -> datetime | None:
    """Return when one person first met the feature switched on, in any tenant."""
    met = FirstExposure.objects.across_tenants(because="a person counts once, whatever the tenants")
    first = met.filter(feature=feature, person=person).order_by("at").values_list("at", flat=True).first()
    return first if isinstance(first, datetime) else None


def last_event(feature: str, event: str, person: str) -> datetime | None:
    """Return when a person last did something of a feature; None when never."""
    rows = engine().rows("last_event_of", feature=feature, event=event, actor=person)
    return rows[0][0] if rows else None


def _order_statistics(query: str, span: Span, q: float, confidence: float) -> Quantile:
    n = int(engine().rows(f"{query}_count", **span.parameters())[0][0])
    if n == 0:
        return _NO_QUANTILE
    low, mid, high = _levels(n, q, confidence)
    row = engine().rows(f"{query}_levels", **span.parameters(), low=low, mid=mid, high=high)[0]
    return n, float(row[1]), float(row[0]), float(row[2])


def _levels(n: int, q: float, confidence: float) -> tuple[float, float, float]:
    low, high = quantile_ranks(n, q, confidence)
    at_low, at_mid, at_high = (min(1.0, max(0.0, (rank - 0.5) / n)) for rank in (low, q * n + 0.5, high))
    return at_low, at_mid, at_high
