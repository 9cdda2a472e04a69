"""A compiled piece of a rule, and the running state the few rules that need one carry along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# One evaluation may visit this many nodes inside loops; about 10 ms of work.
STEPS = 100_000


class TooMuchWork(Exception):
    """A rule grew a text or a list, or looped, beyond what one evaluation may spend."""


class Run:
    """One evaluation: the time it happens (unix seconds) and the loop steps it may still take."""

    __slots__ = ("now", "steps")

    def __init__(self, now: int) -> None:
        self.now = now
        self.steps = STEPS

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise TooMuchWork(f"the rule took more than {STEPS} steps")


# Shared by the rules that neither loop nor read the time; nothing writes to it.
IDLE = Run(0)

Rule = Callable[[Any, Run], Any]


@dataclass(frozen=True, slots=True)
class Code:
    """One node of a rule, ready to run on (data, run)."""

    run: Rule
    nodes: int = 1
    is_constant: bool = False
    value: Any = None  # of a constant
    is_plain_truth: bool = False  # answers only True, False or None, so Python's truth is JsonLogic's
    attribute: str | None = None  # reads just this attribute of the evaluation context


def constant(value: Any) -> Code:
    def answer(_data: Any, _run: Run) -> Any:
        return value

    is_plain_truth = value is None or isinstance(value, bool)
    return Code(answer, is_constant=True, value=value, is_plain_truth=is_plain_truth)
