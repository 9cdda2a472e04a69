"""The chart of a gate, drawn on the server as SVG: value line, interval band, dotted limit.

Only presentation attributes and classes are written, so that the page needs no inline style.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from companyos.adoption.rollouts.domain.board import GateTile, Reading
from companyos.adoption.rollouts.domain.types import Gate
from companyos.surfaces.ui.looks import look
from companyos.surfaces.ui.numbers import is_known, limit, measure
from companyos.surfaces.ui.times import absolute

WIDTH, HEIGHT = 320, 104
_LEFT, _RIGHT, _TOP, _BOTTOM = 4, 312, 12, 84

Run = list[tuple[float, Reading]]


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: datetime | None
    end: datetime | None

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)

    def x(self, at: datetime) -> float:
        if self.start is None or self.end is None or self.start == self.end:
            return _RIGHT
        return round(_LEFT + (at - self.start) / (self.end - self.start) * (_RIGHT - _LEFT), 1)


def gate_chart(tile: GateTile, now: datetime) -> SafeString:
    """The SVG of one gate, or nothing when a drawing would say no more than the number beside it.

    Readings without a finite value leave a gap in the line; a single reading is a dot with a whisker.
    """
    if _says_no_more_than_its_number(tile):
        return SafeString("")
    readings, key = _readings(tile, now), slugify(tile.gate.name)
    numbers = list(_numbers(tile.gate, readings))
    if not numbers:
        return SafeString("")
    scale = _scale(numbers, readings, is_share=tile.gate.unit == "share")
    return format_html(
        '<svg class="chart chart--{}" viewBox="0 0 {} {}" role="img" aria-labelledby="chart-{}-name chart-{}-says">'
        '<title id="chart-{}-name">{}</title><desc id="chart-{}-says">{}</desc>{}{}{}{}{}</svg>',
        look(tile.gate.verdict).tone,
        WIDTH,
        HEIGHT,
        *(key, key, key, tile.gate.title or tile.gate.name, key),
        chart_sentence(tile.gate, readings),
        _frame(),
        _bands(scale, readings),
        _lines(scale, readings),
        _limit(scale, tile.gate),
        _footer(readings),
    )


def chart_sentence(gate: Gate, readings: tuple[Reading, ...]) -> str:
    """The chart in words, for those who do not see it."""
    known = [each for each in readings if is_known(each.value)]
    bound = f" The limit is {limit(gate.limit, gate.unit)}." if is_known(gate.limit) else ""
    if not known:
        return f"No reading yet.{bound}"
    span = f"{len(known)} readings from {absolute(known[0].at)} to {absolute(known[-1].at)}"
    last = known[-1]
    between = ""
    if is_known(last.low) and is_known(last.high):
        between = f", between {measure(last.low, gate.unit)} and {measure(last.high, gate.unit)}"
    lead = span if len(known) > 1 else f"One reading at {absolute(last.at)}"
    return f"{lead}. The latest is {measure(last.value, gate.unit)}{between}.{bound}"


def _says_no_more_than_its_number(tile: GateTile) -> bool:
    has_interval = is_known(tile.gate.low) and is_known(tile.gate.high)
    return not tile.history and is_known(tile.gate.value) and not has_interval


def _readings(tile: GateTile, now: datetime) -> tuple[Reading, ...]:
    if tile.history or not is_known(tile.gate.value):
        return tuple(sorted(tile.history, key=lambda each: each.at))
    return (Reading(now, tile.gate.value, tile.gate.low, tile.gate.high),)


def _numbers(gate: Gate, readings: Iterable[Reading]) -> Iterator[float]:
    candidates = [gate.limit, *(n for each in readings for n in (each.value, each.low, each.high))]
    return (each for each in candidates if each is not None and is_known(each))


def _scale(numbers: list[float], readings: tuple[Reading, ...], *, is_share: bool) -> _Scale:
    low, high = min(numbers), max(numbers)
    room = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    low, high = low - room, high + room
    if is_share:
        low, high = min(max(low, 0.0), *numbers), max(min(high, 1.0), *numbers)
    times = [each.at for each in readings]
    return _Scale(low, high, min(times, default=None), max(times, default=None))


def _runs(readings: tuple[Reading, ...], scale: _Scale, has: Callable[[Reading], bool]) -> Iterator[Run]:
    for is_whole, run in groupby(readings, key=has):
        if is_whole:
            yield [(scale.x(each.at), each) for each in run]


def _frame() -> SafeString:
    return format_html(
        '<line class="chart__base" x1="{}" x2="{}" y1="{}" y2="{}"/>', _LEFT, _RIGHT, _BOTTOM + 3, _BOTTOM + 3
    )


def _bands(scale: _Scale, readings: tuple[Reading, ...]) -> SafeString:
    runs = _runs(readings, scale, lambda each: is_known(each.low) and is_known(each.high))
    return format_html_join("", "{}", ((_band(scale, run),) for run in runs))


def _band(scale: _Scale, run: Run) -> SafeString:
    highs = [(x, scale.y(each.high)) for x, each in run if each.high is not None]
    lows = [(x, scale.y(each.low)) for x, each in run if each.low is not None]
    if len(run) == 1:
        x = run[0][0]
        return format_html(
            '<line class="chart__whisker" x1="{}" x2="{}" y1="{}" y2="{}"/>', x, x, lows[0][1], highs[0][1]
        )
    return format_html('<polygon class="chart__band" points="{}"/>', _points([*highs, *reversed(lows)]))


def _lines(scale: _Scale, readings: tuple[Reading, ...]) -> SafeString:
    runs = list(_runs(readings, scale, lambda each: is_known(each.value)))
    paths = [[(x, scale.y(each.value)) for x, each in run if each.value is not None] for run in runs]
    drawn = format_html_join("", "{}", ((_line(path),) for path in paths))
    if not paths:
        return format_html(
            '<text class="chart__none" x="{}" y="{}">No reading yet</text>', WIDTH / 2, _BOTTOM - 10
        )
    return format_html('{}<circle class="chart__dot" cx="{}" cy="{}" r="3.5"/>', drawn, *paths[-1][-1])


def _line(path: list[tuple[float, float]]) -> SafeString:
    if len(path) == 1:
        return format_html('<circle class="chart__dot" cx="{}" cy="{}" r="2"/>', *path[0])
    return format_html('<polyline class="chart__line" points="{}"/>', _points(path))


def _limit(scale: _Scale, gate: Gate) -> SafeString:
    if gate.limit is None or not is_known(gate.limit):
        return SafeString("")
    y = scale.y(gate.limit)
    below_line = y < _TOP + 12
    return format_html(
        '<line class="chart__limit" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="chart__label" x="{}" y="{}">limit {}</text>',
        *(_LEFT, _RIGHT, y, y),
        *(_LEFT, y + 13 if below_line else y - 5),
        limit(gate.limit, gate.unit),
    )


def _footer(readings: tuple[Reading, ...]) -> SafeString:
    if len(readings) < 2:
        return SafeString("")
    first, last = readings[0].at.astimezone(UTC), readings[-1].at.astimezone(UTC)
    within_a_day = last - first < timedelta(days=1)
    return format_html(
        '<text class="chart__tick" x="{}" y="{}">{}</text>'
        '<text class="chart__tick chart__tick--end" x="{}" y="{}">{}</text>',
        *(_LEFT, HEIGHT - 3, _tick(first, within_a_day)),
        *(_RIGHT, HEIGHT - 3, _tick(last, within_a_day)),
    )


def _tick(at: datetime, within_a_day: bool) -> str:
    return f"{at:%H:%M}" if within_a_day else f"{at.day} {at:%b %H:%M}"


def _points(path: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in path)
