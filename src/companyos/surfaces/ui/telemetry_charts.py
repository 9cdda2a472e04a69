"""Telemetry's charts: how far people get, how long they wait, how a figure moves, how a budget is spent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log

from django.utils.safestring import SafeString

from companyos.adoption.telemetry.domain.metrics import Point
from companyos.adoption.telemetry.domain.slo import requests_needed
from companyos.adoption.telemetry.domain.waiting import Waiting
from companyos.adoption.telemetry.queries.objectives import SloStatus
from companyos.surfaces.ui.drawing import WIDTH, area, bar, dot, line, path, picture, text
from companyos.surfaces.ui.numbers import count, limit, measure, number, percent
from companyos.surfaces.ui.times import span

_ROW, _BAR, _LINE = 40, 12, 13
_LEFT, _RIGHT, _TOP, _BOTTOM = 4, WIDTH - 8, 14, 108
_TICKS = (
    (timedelta(seconds=1), "1 s"), (timedelta(minutes=1), "1 min"), (timedelta(hours=1), "1 h"),
    (timedelta(days=1), "1 d"), (timedelta(days=7), "7 d"), (timedelta(days=28), "28 d"),
)  # fmt: skip
_MOST_BURN = 4.0
_TWO_LABELS = 70  # so wide that the first and the last day do not lie on one another


@dataclass(frozen=True, slots=True)
class Stair:
    """One step of a funnel, whatever it counts."""

    title: str
    reached: int
    of_first: float | None
    of_previous: float | None
    open: int
    dropped: int
    median: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a moment: a stage began, a rollback."""

    at: datetime
    says: str
    is_bad: bool = False


def funnel_chart(key: str, name: str, stairs: tuple[Stair, ...]) -> SafeString:
    """Bars by step, with what is still open apart from what was dropped."""
    most = max((each.reached for each in stairs), default=0)
    if not most:
        return SafeString("")
    parts: list[SafeString] = []
    top = 0
    for stair in stairs:
        words = _stair_words(stair, is_first=stair is stairs[0])
        parts += _stair(stair, words, top, most)
        top += _ROW + _LINE * len(words)
    return picture(key, name, funnel_sentence(stairs), top, parts)


def funnel_sentence(stairs: tuple[Stair, ...]) -> str:
    return "; ".join(
        f"{each.title}: {number(each.reached)} ({percent(each.of_first)} of the first)" for each in stairs
    )


def _stair_words(stair: Stair, *, is_first: bool) -> list[str]:
    """What stands under a bar: how it was reached, then what became of those who went no further."""
    took = f"median {span(stair.median)}" if stair.median is not None else ""
    share = (
        "" if is_first else f"{percent(stair.of_first)} of first, {percent(stair.of_previous)} of previous"
    )
    still = f"{number(stair.open)} still open" if stair.open else ""
    gone = f"{number(stair.dropped)} dropped" if stair.dropped else ""
    rest = ", ".join(filter(None, [still, gone]))
    return list(filter(None, [", ".join(filter(None, [share, took])), f"then {rest}" if rest else ""]))


def _stair(stair: Stair, words: list[str], top: int, most: int) -> Iterator[SafeString]:
    whole = WIDTH - 2
    width, still = whole * stair.reached / most, whole * stair.open / most
    yield text(0, top + 13, stair.title, "name")
    yield text(WIDTH, top + 13, number(stair.reached), "value")
    yield bar(0, top + 19, whole, _BAR, "track")
    yield bar(0, top + 19, width, _BAR, "bar")
    if still:
        yield bar(max(0.0, width - still), top + 19, still, _BAR, "open")
    for k, said in enumerate(words):
        yield text(0, top + 44 + _LINE * k, said)


def wait_chart(key: str, waits: Waiting, target: timedelta | None) -> SafeString:
    """The share of people who have their first value, by how long they waited; the target as a dotted line."""
    if not waits.curve:
        return SafeString("")
    first, last = waits.curve[0].took, max(waits.curve[-1].took, target or timedelta(seconds=1))
    low, high = log(first.total_seconds() / 1.3), log(last.total_seconds() * 1.3)

    def x(took: timedelta) -> float:
        return _LEFT + (log(took.total_seconds()) - low) / (high - low) * (_RIGHT - _LEFT)

    def y(share: float) -> float:
        return _BOTTOM - share * (_BOTTOM - _TOP)

    return picture(
        key, "Time to first value", wait_sentence(waits, target), 126, _wait_parts(waits, target, x, y)
    )


def wait_sentence(waits: Waiting, target: timedelta | None) -> str:
    middle = waits.quantile(0.5)
    half = f"Half of them have it within {span(middle)}" if middle else "Fewer than half have it so far"
    within = waits.within(target) if target else None
    reach = (
        f", {percent(within)} within the target of {span(target)}" if target and within is not None else ""
    )
    return f"{half}{reach}. {count(waits.open, 'person still waits', 'people still wait')}."


def _wait_parts(waits, target, x, y) -> Iterator[SafeString]:  # type: ignore[no-untyped-def]
    yield line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "base")
    steps, before = [(float(_LEFT), y(0.0))], 0.0
    for each in waits.curve:
        steps += [(x(each.took), y(before)), (x(each.took), y(each.share))]
        before = each.share
    steps.append((float(_RIGHT), y(before)))
    yield area([*steps, (_RIGHT, _BOTTOM), (_LEFT, _BOTTOM)])
    yield path(steps)
    ticks = [(took, word) for took, word in _TICKS if _LEFT + 6 < x(took) < _RIGHT - 6]
    for took, word in ticks:
        yield line(x(took), _BOTTOM, x(took), _BOTTOM + 3, "base")
        yield text(x(took), _BOTTOM + 15, word, "tick chart__tick--middle")
    if target:
        yield line(x(target), _TOP, x(target), _BOTTOM, "limit")
        yield text(x(target) + 4, _TOP - 3, f"target {span(target)}", "label chart__tick--end")


def trend_chart(
    key: str, name: str, points: tuple[Point, ...], unit: str, target: float | None, marks: tuple[Mark, ...]
) -> SafeString:
    """A figure by week with its interval; a week that still runs is an open dot; marks are numbered lines."""
    known = [each for each in points if each.figure.value is not None]
    if not known:
        return SafeString("")
    low, high = _range(known, unit, target)
    start, end = points[0].since, points[-1].until

    def x(at: datetime) -> float:
        return _LEFT + 4 + (at - start) / (end - start) * (_RIGHT - _LEFT - 8)

    def y(value: float) -> float:
        return _BOTTOM - (value - low) / (high - low) * (_BOTTOM - _TOP)

    parts = [*_marks(marks, start, end, x), *_trend_parts(known, unit, target, x, y), *_ends(start, end)]
    return picture(key, name, trend_sentence(points, unit, target), 126, parts)


def trend_sentence(points: tuple[Point, ...], unit: str, target: float | None) -> str:
    known = [each for each in points if each.figure.value is not None]
    if not known:
        return "No figure in any week yet."
    first, last = known[0], known[-1]
    aim = f" The target is {limit(target, unit)}." if target is not None else ""
    running = "" if last.complete else " That week still runs."
    told = [f"{measure(p.figure.value, unit)} in the week of {_local(p.since)}" for p in (first, last)]
    return f"{count(len(known), 'week', 'weeks')} with a figure: {', '.join(told)}.{running}{aim}"


def _range(known: list[Point], unit: str, target: float | None) -> tuple[float, float]:
    values = [
        v for p in known for v in (p.figure.value, p.figure.low, p.figure.high, target) if v is not None
    ]
    low, high = min(values), max(values)
    room = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    low, high = low - room, high + room
    if unit == "share":
        return max(0.0, low), min(1.0, high) if high < 1.0 + 2 * room else high
    return max(0.0, low), high


def _trend_parts(known, unit, target, x, y) -> Iterator[SafeString]:  # type: ignore[no-untyped-def]
    middle = [(x(p.since + (p.until - p.since) / 2), p) for p in known]
    sure = [(at, p.figure) for at, p in middle if p.figure.low is not None and p.figure.high is not None]
    yield line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "base")
    if len(sure) > 1:
        yield area([*((at, y(f.high)) for at, f in sure), *((at, y(f.low)) for at, f in reversed(sure))])
    if target is not None:
        yield line(_LEFT, y(target), _RIGHT, y(target), "limit")
        yield text(
            _LEFT,
            y(target) - 4 if y(target) > _TOP + 14 else y(target) + 12,
            f"target {limit(target, unit)}",
            "label",
        )
    yield path((at, y(p.figure.value)) for at, p in middle)
    for at, point in middle:
        yield dot(at, y(point.figure.value), 3, "dot" if point.complete else "hollow")


def _marks(marks, start, end, x) -> Iterator[SafeString]:  # type: ignore[no-untyped-def]
    for k, mark in enumerate(marks, 1):
        if start <= mark.at <= end:
            yield line(
                x(mark.at), _TOP, x(mark.at), _BOTTOM, "mark chart__mark--bad" if mark.is_bad else "mark"
            )
            yield text(x(mark.at), _TOP - 3, str(k), "tick chart__tick--middle")


def _ends(start: datetime, end: datetime) -> Iterator[SafeString]:
    yield text(_LEFT, 123, _local(start))
    yield text(_RIGHT, 123, _local(end.astimezone(start.tzinfo)), "tick chart__tick--end")


def _local(at: datetime) -> str:
    """The day as the moment's own zone has it: a week begins on its Monday, whatever UTC says."""
    return f"{at.day} {at:%b}"


def slo_strip(key: str, status: SloStatus, days: int = 28) -> SafeString:
    """Each day's burn as a bar; the line is the pace that spends the budget exactly."""
    shown = status.days[-days:]
    if not shown:
        return SafeString("")
    step = (_RIGHT - _LEFT) / max(len(shown), 14)
    return picture(
        key, f"{status.slo.title}: burn by day", strip_sentence(status), 74, _strip(status, shown, step)
    )


def strip_sentence(status: SloStatus) -> str:
    over = sum(_burn_of(status, each) > 1 for each in status.days)
    days = count(len(status.days), "day", "days")
    return f"{days} with requests; on {number(over)} of them more was spent than the objective allows."


def _burn_of(status: SloStatus, each) -> float:  # type: ignore[no-untyped-def]
    return (each.counts.share_bad or 0.0) / (1 - status.slo.target)


def _strip(status, shown, step) -> Iterator[SafeString]:  # type: ignore[no-untyped-def]
    base, tall = 56, 46
    pace = base - tall / _MOST_BURN
    few = requests_needed(status.slo.target, 1.0)
    for k, each in enumerate(shown):
        rate = _burn_of(status, each)
        height = 2 + min(rate, _MOST_BURN) / _MOST_BURN * (tall - 2)
        kind = "strip chart__strip--over" if rate > 1 else "strip"
        if each.counts.total < few and each.counts.bad < 3:
            kind = "strip chart__strip--few"
        said = f"{day_of(each)}: {number(each.counts.bad)} bad of {number(each.counts.total)}, burn {number(rate, 1)}"
        yield bar(_LEFT + k * step + 0.75, base - height, step - 1.5, height, kind, said)
    yield line(_LEFT, base, _RIGHT, base, "base")
    yield line(_LEFT, pace, _RIGHT, pace, "limit")
    yield text(_RIGHT, pace - 3, "burn 1", "label chart__tick--end")
    yield text(_LEFT, 71, day_of(shown[0]))
    if len(shown) * step > _TWO_LABELS:
        yield text(_LEFT + len(shown) * step, 71, day_of(shown[-1]), "tick chart__tick--end")


def day_of(each) -> str:  # type: ignore[no-untyped-def]
    return f"{each.day.day} {each.day:%b}"


def budget_bar(key: str, status: SloStatus) -> SafeString:
    """What is left of the budget; nothing when that is not known."""
    left = status.budget.left
    if left is None:
        return SafeString("")
    tone = "good" if left > 0.25 else "warn" if left > 0 else "bad"
    kept = (WIDTH - 2) * min(1.0, max(0.0, left))
    parts = [bar(0, 1, WIDTH - 2, 10, "track"), bar(0, 1, kept, 10, "bar")]
    return picture(key, "Error budget left", budget_words(left), 12, parts, tone)


def budget_words(left: float) -> str:
    """Say what is left of an error budget; below nothing, how often it is spent."""
    if left >= 0:
        return f"{percent(left)} of the error budget left"
    return f"The error budget is spent {number(1 - left, 1)} times over"


def day_bars(key: str, name: str, days: list[tuple[date, int]]) -> SafeString:
    """A count by day."""
    most = max((n for _, n in days), default=0)
    if not most:
        return SafeString("")
    step = (_RIGHT - _LEFT) / max(len(days), 14)
    parts = [line(_LEFT, 84, _RIGHT, 84, "base"), text(_LEFT, 10, number(most))]
    parts += [
        bar(
            _LEFT + k * step + 0.5,
            84 - 68 * n / most,
            step - 1,
            68 * n / most,
            "strip",
            f"{at.day} {at:%b}: {number(n)}",
        )
        for k, (at, n) in enumerate(days)
    ]
    first, last = days[0][0], days[-1][0]
    parts += [
        text(_LEFT, 99, f"{first.day} {first:%b}"),
    ]
    if len(days) * step > _TWO_LABELS:
        parts.append(text(_LEFT + len(days) * step, 99, f"{last.day} {last:%b}", "tick chart__tick--end"))
    return picture(key, name, days_sentence(days), 102, parts)


def days_sentence(days: list[tuple[date, int]]) -> str:
    if not days:
        return "Nothing came in."
    top = max(days, key=lambda each: each[1])
    total = sum(n for _, n in days)
    many = count(len(days), "day", "days")
    return f"{number(total)} on {many}, most on {top[0].day} {top[0]:%b} with {number(top[1])}."
