"""Funnels: ordered steps within a window, by person or by task.

Which start counts: any in the span; the one that leads furthest. Steps at the same millisecond count in the order
of the steps. Who has not finished and began (again) less than a window before the data end is open, not dropped.
Who did what excludes at or after the first start is left out and counted apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import msgspec

from companyos.adoption.telemetry.queries.connection import Events, engine

MOST_STEPS = 8
_EXCLUDES = 1 << MOST_STEPS
_IN_32_BITS = timedelta(milliseconds=1 << 32)
_canonical = msgspec.json.Encoder(order="deterministic")  # as props are stored


class Hold(StrEnum):
    """What must be the same in all steps."""

    PERSON = "person"
    TASK = "task"


class By(StrEnum):
    """What a funnel is broken down by, as it was at the first start."""

    TENANT = "tenant"
    VARIANT = "variant"
    KIND = "kind"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Leaves out whoever did one of the events; with `prop`, only where that property has one of the values."""

    events: tuple[str, ...]
    prop: str = ""
    values: tuple[str | float | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """`steps` are done in this order, each by any one of its events, all within `window` of the first."""

    steps: tuple[tuple[str, ...], ...]
    window: timedelta
    hold: Hold = Hold.PERSON
    exclude: Exclusion | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """`reached` this step; of these, here ended `dropped` (their time is over) and stand `open` ones."""

    events: tuple[str, ...]
    reached: int
    dropped: int
    open: int
    share_of_first: float | None
    share_of_previous: float | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """`began` are in the funnel; `excluded` are not, though they began."""

    part: str
    began: int
    finished: int
    excluded: int
    steps: tuple[Step, ...]


_Counts = Counter[tuple[int, bool, bool]]  # (furthest step, open, excluded) -> how many


def funnel(span: Events, question: Question) -> Funnel:
    short = span.until - span.since < _IN_32_BITS
    rows = engine().rows("funnel", **_parameters(span, question), at="since_start" if short else "moment")
    return _counted("", _counts(rows), question)


def funnel_by(
    span: Events, question: Question, by: By, *, team_of: Mapping[str, str] | None = None
) -> tuple[Funnel, ...]:
    """The funnel in parts, in order of their names. For teams, `team_of` names each actor's; nobody's team is ""."""
    column = "person" if by is By.TEAM else by.value
    teams = team_of or {}
    parts: dict[str, _Counts] = defaultdict(Counter)
    for part, *row in engine().rows("funnel_by", **_parameters(span, question), by=column):
        parts[teams.get(part, "") if by is By.TEAM else part].update(_counts([row]))
    return tuple(_counted(part, parts[part], question) for part in sorted(parts))


def _parameters(span: Events, question: Question) -> dict[str, Any]:
    if not 1 <= len(question.steps) <= MOST_STEPS:
        raise ValueError(f"a funnel has 1 to {MOST_STEPS} steps; this one has {len(question.steps)}")
    masks: Counter[str] = Counter()
    for number, events in enumerate(question.steps):
        for event in set(events):
            masks[event] |= 1 << number
    exclude = question.exclude or Exclusion(())
    for event in set(exclude.events):
        masks[event] |= _EXCLUDES
    return {
        **span.parameters(),
        "events": list(masks),
        "masks": list(masks.values()),
        "window": question.window // timedelta(milliseconds=1),
        "hold": question.hold.value,
        "property": exclude.prop,
        "wanted": [_canonical.encode(value).decode() for value in exclude.values],
    }


def _counts(rows: Iterable[Sequence[object]]) -> _Counts:
    counts: _Counts = Counter()
    for level, is_open, excluded, n in rows:
        counts[int(str(level)), bool(is_open), bool(excluded)] += int(str(n))
    return counts


def _counted(part: str, counts: _Counts, question: Question) -> Funnel:
    inside = {key: n for key, n in counts.items() if not key[2]}
    last = len(question.steps)
    reached = [sum(n for (level, _, _), n in inside.items() if level >= k) for k in range(1, last + 1)]
    steps = [
        Step(
            events,
            reached[k - 1],
            inside.get((k, False, False), 0) if k < last else 0,
            inside.get((k, True, False), 0) if k < last else 0,
            _share(reached[k - 1], reached[0]),
            _share(reached[k - 1], reached[max(0, k - 2)]),
        )
        for k, events in enumerate(question.steps, 1)
    ]
    excluded = sum(n for key, n in counts.items() if key[2])
    return Funnel(part, reached[0], reached[-1], excluded, tuple(steps))


def _share(n: int, of: int) -> float | None:
    return n / of if of else None
