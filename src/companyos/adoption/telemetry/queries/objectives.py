"""How objectives stand: budget, burns and a strip of days, measured by the event engine or by a Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from companyos.adoption.telemetry.domain.openslo import Measure, OwnEvents, PromQuery, Slo
from companyos.adoption.telemetry.domain.slo import Budget, Burn, Counts, budget, burn, exhausted_in, sums
from companyos.adoption.telemetry.prometheus import NoAnswer, increase
from companyos.adoption.telemetry.queries.connection import engine, milliseconds

_QUERY = {Measure.TASKS: "slo_tasks", Measure.RESPONSES: "slo_responses"}
_LONGEST_TASK = timedelta(days=1)  # one begun before the window, and still failing in it, belongs to before
CountsOf = Callable[[datetime, datetime], Counts]


@dataclass(frozen=True, slots=True)
class SloDay:
    day: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class SloStatus:
    """An objective as it stands. `problem` says why nothing could be measured; then the rest is empty."""

    slo: Slo
    budget: Budget
    burns: tuple[Burn, ...]
    days: tuple[SloDay, ...]
    exhausted_in: timedelta | None
    query: str
    problem: str = ""


def status(slo: Slo, *, tenants: tuple[str, ...], zone: ZoneInfo, now: datetime) -> SloStatus:
    """Measure an objective and judge it. A Prometheus that does not answer is a problem, never an error."""
    try:
        return _judged(slo, tenants, zone, now)
    except NoAnswer as problem:
        return SloStatus(slo, Budget(Counts(0, 0), 0.0, None, str(problem)), (), (), None, "", str(problem))


def burns(slo: Slo, *, tenants: tuple[str, ...], now: datetime) -> tuple[Burn, ...]:
    """Judge only how fast an objective burns: that needs days where the budget needs weeks. None without an answer."""
    longest = max((each.window for each in slo.conditions), default=timedelta(0))
    try:
        counts = _counts_of(slo, tenants, now - longest - _LONGEST_TASK, now)[0]
        return _burns(slo, counts, now)
    except NoAnswer:
        return ()


def _judged(slo: Slo, tenants: tuple[str, ...], zone: ZoneInfo, now: datetime) -> SloStatus:
    window = timedelta(days=slo.window_days)
    counts, buckets, query = _counts_of(slo, tenants, now - window, now)
    left = budget(slo.target, counts(now - window, now))
    burning = _burns(slo, counts, now)
    slowest = max(burning, key=lambda each: each.condition.hours, default=None)
    runs_out = exhausted_in(left.left, slowest.rate if slowest else None, window)
    return SloStatus(slo, left, burning, _days(buckets, zone), runs_out, query)


def _burns(slo: Slo, counts: CountsOf, now: datetime) -> tuple[Burn, ...]:
    return tuple(
        burn(slo.target, each, counts(now - each.window, now), counts(now - each.just_now, now))
        for each in slo.conditions
    )


def _counts_of(
    slo: Slo, tenants: tuple[str, ...], since: datetime, now: datetime
) -> tuple[CountsOf, dict[int, Counts], str]:
    source = slo.source
    if isinstance(source, PromQuery):
        return (lambda since, until: _of_prometheus(source, since, until)), {}, source.good
    buckets = _buckets(source, tenants, since, now)

    def counts(since: datetime, until: datetime) -> Counts:
        return sums(buckets, int(since.timestamp()), int(until.timestamp()))

    return counts, buckets, _QUERY[source.measure]


def _buckets(
    source: OwnEvents, tenants: tuple[str, ...], since: datetime, until: datetime
) -> dict[int, Counts]:
    more: dict[str, Any] = {"ms": source.ms} if source.measure is Measure.RESPONSES else {}
    rows = engine().rows(
        _QUERY[source.measure],
        feature=source.feature,
        path=source.path,
        tenants=list(tenants),
        since=milliseconds(since),
        until=milliseconds(until),
        **more,
    )
    return {int(at): Counts(int(total), int(bad)) for at, total, bad in rows}


def _days(buckets: dict[int, Counts], zone: ZoneInfo) -> tuple[SloDay, ...]:
    by_day: dict[date, tuple[int, int]] = {}
    for at, counts in buckets.items():
        day = datetime.fromtimestamp(at, zone).date()
        total, bad = by_day.get(day, (0, 0))
        by_day[day] = (total + counts.total, bad + counts.bad)
    return tuple(SloDay(day, Counts(*by_day[day])) for day in sorted(by_day))


def _of_prometheus(source: PromQuery, since: datetime, until: datetime) -> Counts:
    total = increase(source.url, source.total, since=since, until=until)
    good = min(total, increase(source.url, source.good, since=since, until=until))
    return Counts(total, total - good)
