"""A compiled piece of a rule, and what one evaluation may still spend on the values it meets."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

# One evaluation may take this many steps over lists, loops and long texts: about half a millisecond.
STEPS = 2_500
_SHORT = 256  # characters; what a text up to here costs is counted with the node that reads it


class TooMuchWork(Exception):
    """A rule grew a text or a list, or looped, beyond what one evaluation may spend."""


class NeedsRun(Exception):
    """The rule met a large value: it is evaluated again from the start, with steps to spend."""


class Run:
    """One evaluation: the time it happens (unix seconds) and the steps it may still take."""

    __slots__ = ("now", "steps")

    def __init__(self, now: int) -> None:
        self.now = now
        self.steps = STEPS

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise TooMuchWork(f"the rule took more than {STEPS} steps")


class _Idle(Run):
    """Shared by the rules that neither loop nor read the time; nothing writes to it."""

    __slots__ = ()

    def spend(self, steps: int) -> None:
        raise NeedsRun


IDLE: Run = _Idle(0)

Rule = Callable[[Any, Run], Any]


class Code(NamedTuple):
    """One node of a rule, ready to run on (data, run)."""

    run: Rule
    is_constant: bool = False
    value: Any = None  # of a constant
    is_plain_truth: bool = False  # answers only True, False or None, so Python's truth is JsonLogic's
    attribute: str | None = None  # reads just this attribute of the evaluation context


def constant(value: Any) -> Code:
    is_plain_truth = value is None or isinstance(value, bool)
    return Code(lambda _data, _run: value, True, value, is_plain_truth)


text_constant = lru_cache(maxsize=4096)(constant)  # rules say the same names over and over


def pay_for(run: Run, *values: Any) -> None:
    """Spend what reading these values through costs; numbers, truths and short texts are free."""
    for value in values:
        if value.__class__ is str:
            if len(value) > _SHORT:
                run.spend(len(value) >> 5)
        elif isinstance(value, (list, tuple, dict)):
            run.spend(items_in(value))


def items_in(value: Any) -> int:
    """How many items a list or object holds at all depths, and their texts; stops counting beyond STEPS."""
    count, waiting = 1, [value]
    while waiting and count <= STEPS:
        inner = waiting.pop()
        if isinstance(inner, (list, tuple, dict)):
            count += len(inner)
            if count <= STEPS:
                waiting.extend(inner.values() if isinstance(inner, dict) else inner)
        elif isinstance(inner, str):
            count += len(inner) >> 5
    return count
