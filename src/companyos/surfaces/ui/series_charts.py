"""Charts of series over time: response times minute by minute, and a triangle of who comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

from companyos.adoption.telemetry.queries.actives import Return
from companyos.adoption.telemetry.queries.outcomes import Minute
from companyos.surfaces.ui.drawing import WIDTH, bar, dot, line, path, picture, text
from companyos.surfaces.ui.numbers import count, measure, number, percent

_LEFT, _RIGHT, _TOP, _BOTTOM = 4, WIDTH - 8, 14, 108
_NAME, _CELL, _SHADES = 62, 26, 5


def minutes_chart(key: str, minutes: Sequence[Minute], since: datetime, until: datetime) -> SafeString:
    """The median and the 95th percentile of each minute in which something was measured."""
    if not minutes:
        return SafeString("")
    most = max(each.p95 for each in minutes) or 1.0

    def at(minute: Minute, value: float) -> tuple[float, float]:
        x = _LEFT + (minute.start - since) / (until - since) * (_RIGHT - _LEFT)
        return x, _BOTTOM - value / most * (_BOTTOM - _TOP)

    parts = [
        line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "base"),
        text(_LEFT, _TOP - 4, f"p95, at most {measure(most, 'ms')}"),
        path((at(each, each.p95) for each in minutes), "line chart__line--quiet"),
        path(at(each, each.p50) for each in minutes),
        *((dot(*at(minutes[0], minutes[0].p50)),) if len(minutes) == 1 else ()),
        text(_LEFT, _BOTTOM + 15, f"{since.day} {since:%b, %H:%M} UTC"),
        text(_RIGHT, _BOTTOM + 15, f"{until.day} {until:%b, %H:%M} UTC", "tick chart__tick--end"),
    ]
    return picture(key, "Response time by minute", minutes_sentence(minutes), 126, parts)


def minutes_sentence(minutes: Sequence[Minute]) -> str:
    if not minutes:
        return ""
    slowest = max(minutes, key=lambda each: each.p95)
    tasks = count(sum(each.n for each in minutes), "task", "tasks")
    many = count(len(minutes), "minute", "minutes")
    return (
        f"{tasks} in {many}. The slowest minute was {slowest.start:%H:%M} UTC, with a p95 of"
        f" {measure(slowest.p95, 'ms')} (n = {number(slowest.n)}). The strong line is the median."
    )


def retention_chart(key: str, cells: Sequence[Return]) -> SafeString:
    """A row for each week's newcomers, a cell for each week after; weeks that still run are hatched."""
    cohorts = sorted({each.cohort for each in cells})
    if not cohorts:
        return SafeString("")
    parts = [_hatch(key), *_retention_parts(key, cells, cohorts)]
    height = _CELL * len(cohorts) + 20
    return picture(key, "Who comes back", retention_sentence(cells), height, parts)


def retention_sentence(cells: Sequence[Return]) -> str:
    later = [each for each in cells if each.later == 1 and each.complete]
    if not later:
        return "No week after a first one is over yet." if cells else ""
    back, of = sum(each.people for each in later), sum(each.of for each in later)
    share = f"{number(back)} of {number(of)} ({percent(back / of)})"
    return f"{share} did a task in the week after their first. Hatched: still running."


def _retention_parts(key: str, cells: Sequence[Return], cohorts: Sequence[date]) -> Iterator[SafeString]:
    most = max(each.later for each in cells)
    step = min(_CELL * 1.6, (WIDTH - _NAME) / (most + 1))
    for later in range(most + 1):
        yield text(_NAME + step * (later + 0.5), 11, f"{later}", "tick chart__tick--middle")
    for each in cells:
        top, left = 18 + _CELL * cohorts.index(each.cohort), _NAME + step * each.later
        share = each.people / each.of
        shade = min(_SHADES - 1, int(share * _SHADES))
        said = f"{_day(each.cohort)}, week {each.later}: {number(each.people)} of {number(each.of)}"
        said += "" if each.complete else ", still running"
        if each.later == 0:
            yield text(0, top + 16, _day(each.cohort))
        yield bar(left, top, step - 2, _CELL - 2, f"cell chart__cell--{shade}", said)
        if not each.complete:
            yield _hatched(key, left, top, step - 2, _CELL - 2)
        yield text(left + step / 2 - 1, top + 16, f"{round(100 * share)}", "label chart__tick--middle")


def _hatch(key: str) -> SafeString:
    return format_html(
        '<defs><pattern id="{}-hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><line class="chart__hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>',
        key,
    )


def _hatched(key: str, x: float, y: float, width: float, height: float) -> SafeString:
    return format_html(
        '<rect fill="url(#{}-hatch)" x="{:s}" y="{:s}" width="{:s}" height="{:s}" rx="2"/>',
        key,
        *(f"{value:.1f}" for value in (x, y, width, height)),
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
