"""The chart of shadow runs: the share of comparisons that agree, by day, with its interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from django.utils.safestring import SafeString

from companyos.surfaces.ui.drawing import WIDTH, area, dot, line, path, picture, text

_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, WIDTH - 8.0, 14.0, 104.0
_MOST_ROOM = 0.05


class Day(Protocol):
    @property
    def day(self) -> str: ...
    @property
    def rate(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def match_chart(key: str, name: str, days: Sequence[Day]) -> SafeString:
    """A line of daily shares in the band of their 90 % intervals; nothing where there is no day."""
    if not days:
        return SafeString("")
    floor = max(0.0, min(each.low for each in days) - 0.01)
    floor = min(floor, 1.0 - _MOST_ROOM)

    def x(n: int) -> float:
        return _LEFT + 6 + n / max(1, len(days) - 1) * (_RIGHT - _LEFT - 12)

    def y(share: float) -> float:
        return _BOTTOM - (share - floor) / (1.0 - floor) * (_BOTTOM - _TOP)

    def parts() -> Iterator[SafeString]:
        for share in (1.0, floor):
            yield line(_LEFT, y(share), _RIGHT, y(share), "grid")
            yield text(2, y(share) + 3, f"{share:.0%}")
        places = list(enumerate(days))
        top, under = [(x(n), y(d.high)) for n, d in places], [(x(n), y(d.low)) for n, d in reversed(places)]
        if len(days) == 1:  # one day has an interval, too
            top, under = (
                [(x(0) - 3, top[0][1]), (x(0) + 3, top[0][1])],
                [(x(0) + 3, under[0][1]), (x(0) - 3, under[0][1])],
            )
        yield area([*top, *under])
        yield path([(x(n), y(d.rate)) for n, d in places])
        for n, each in places:
            yield dot(x(n), y(each.rate))
        yield text(_LEFT, 122, days[0].day)
        if len(days) > 1:
            yield text(_RIGHT, 122, days[-1].day, "tick chart__tick--end")

    return picture(key, name, sentence(days), 126, parts())


def sentence(days: Sequence[Day]) -> str:
    first, last = days[0], days[-1]
    if len(days) == 1:
        return f"{first.rate:.1%} agreed on {first.day}."
    return f"{first.rate:.1%} agreed on {first.day}, {last.rate:.1%} on {last.day}."
