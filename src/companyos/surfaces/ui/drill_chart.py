"""The chart of a playbook's drills: how long each took, beside the target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.safestring import SafeString

from companyos.change.playbooks.domain.drills import time_of
from companyos.change.playbooks.domain.types import DrillRow, Result, Target
from companyos.surfaces.ui.drawing import WIDTH, bar, line, picture, text
from companyos.surfaces.ui.numbers import count
from companyos.surfaces.ui.times import day

_LEFT, _RIGHT, _TOP, _BOTTOM = 4.0, WIDTH - 8.0, 22.0, 96.0
_LEAST = 2  # one drill says no more than its own number
_KINDS = {Result.PASSED: "passed", Result.FAILED: "failed"}


def drill_chart(drills: Sequence[DrillRow], target: Target, key: str = "all") -> SafeString:
    """Draw the drills that came to an end, the oldest first; nothing for fewer than two, or without a target."""
    told = [each for each in drills if each.seconds is not None and each.result in _KINDS]
    told.sort(key=lambda each: each.began_at)
    if target.seconds is None or len(told) < _LEAST:
        return SafeString("")
    return picture(
        f"drills-{key}", "How long the last drills took", sentence(told, target), 118, _parts(told, target)
    )


def sentence(told: Sequence[DrillRow], target: Target) -> str:
    """The chart in words, for those who do not see it."""
    late = sum((each.seconds or 0.0) > (target.seconds or 0.0) for each in told)
    within = f"{len(told) - late} of {len(told)} within the target" if late else "all within the target"
    return f"{count(len(told), 'drill', 'drills')}, {within}. The last took {time_of(told[-1].seconds or 0.0, target)}."


def _parts(told: Sequence[DrillRow], target: Target) -> Iterator[SafeString]:
    limit = target.seconds or 1.0
    top = max([limit, *(each.seconds or 0.0 for each in told)]) * 1.1
    step = (_RIGHT - _LEFT) / len(told)
    width = min(28.0, step * 0.6)

    def y(seconds: float) -> float:
        return _BOTTOM - seconds / top * (_BOTTOM - _TOP)

    for n, each in enumerate(told):
        seconds = each.seconds or 0.0
        x, says = _LEFT + step * n + (step - width) / 2, f"{day(each.began_at)}: {time_of(seconds, target)}"
        yield bar(
            x, y(seconds), width, max(1.0, _BOTTOM - y(seconds)), _KINDS[each.result or Result.FAILED], says
        )
    yield line(_LEFT, y(limit), _RIGHT, y(limit), "limit")
    yield text(_LEFT, y(limit) - 4, f"at most {time_of(limit, target).partition(' of ')[0]}")
    yield line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "base")
    yield text(_LEFT, 112, day(told[0].began_at))
    yield text(_RIGHT, 112, day(told[-1].began_at), "tick chart__tick--end")
