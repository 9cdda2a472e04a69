"""The chart of a survey: its score week by week, each with its interval; weeks that are hidden leave a gap."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.safestring import SafeString

from companyos.surfaces.ui.drawing import WIDTH, dot, line, path, picture, text
from companyos.surfaces.ui.numbers import count, number, percent

_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, WIDTH - 8.0, 14.0, 104.0


@dataclass(frozen=True, slots=True)
class Week:
    """A week's score and interval; None where there is none to show. A week that still runs is drawn hollow."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    complete: bool = True


def score_chart(key: str, name: str, weeks: Sequence[Week], *, is_nps: bool) -> SafeString:
    """Draw the weeks that have a score on the whole scale: -100 to 100, or none to all."""
    if all(week.value is None for week in weeks):
        return SafeString("")
    floor, top = (-100.0, 100.0) if is_nps else (0.0, 1.0)

    def y(value: float) -> float:
        return _BOTTOM - (value - floor) / (top - floor) * (_BOTTOM - _TOP)

    def parts() -> Iterator[SafeString]:
        for value in (floor, (floor + top) / 2, top):
            yield line(_LEFT, y(value), _RIGHT, y(value), "base")
            yield text(2, y(value) + 3, score_words(value, is_nps=is_nps))
        yield from _drawn(list(_points(weeks, y)))
        yield text(_LEFT, 122, weeks[0].name)
        if len(weeks) > 1:
            yield text(_RIGHT, 122, weeks[-1].name, "tick chart__tick--end")

    return picture(key, name, sentence(weeks, is_nps=is_nps), 126, parts())


@dataclass(frozen=True, slots=True)
class _Point:
    place: int
    x: float
    y: float
    low: float
    high: float
    complete: bool


def _points(weeks: Sequence[Week], y: Callable[[float], float]) -> Iterator[_Point]:
    step = (_RIGHT - _LEFT - 12) / max(1, len(weeks) - 1)
    for n, week in enumerate(weeks):
        if week.value is not None and week.low is not None and week.high is not None:
            yield _Point(n, _LEFT + 6 + n * step, y(week.value), y(week.low), y(week.high), week.complete)


def _drawn(points: list[_Point]) -> Iterator[SafeString]:
    for point in points:
        yield line(point.x, point.low, point.x, point.high, "whisker")
    for _, run in groupby(enumerate(points), key=lambda each: each[1].place - each[0]):
        yield path((point.x, point.y) for _, point in run)
    for point in points:
        yield dot(point.x, point.y, 3.0, "dot" if point.complete else "hollow")


def score_words(value: float, *, is_nps: bool) -> str:
    """A score as people read it: `+53`, `82 %`."""
    if not is_nps:
        return percent(value)
    return f"+{number(value, 0)}" if round(value) > 0 else number(value, 0)


def sentence(weeks: Sequence[Week], *, is_nps: bool) -> str:
    known = [week for week in weeks if week.value is not None]
    last = known[-1]
    said = score_words(last.value or 0.0, is_nps=is_nps)
    hidden = sum(week.value is None and week.n > 0 for week in weeks)
    few = f" {count(hidden, 'week is', 'weeks are')} hidden: too few answers." if hidden else ""
    return f"{said} of those asked in the week of {last.name} (n = {number(last.n)}).{few}"
