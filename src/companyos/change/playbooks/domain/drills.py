"""What came of a drill: one pure function over its steps, its time and its targets.

The first rule with an opinion wins. It runs when a drill ends, and what it says is kept with the drill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from companyos.change.playbooks.domain.types import Result, Step, Target, Tick


@dataclass(frozen=True, slots=True)
class Situation:
    """A drill at its end. `abandoned` says why it was broken off; empty: it was not."""

    steps: tuple[Step, ...]
    ticks: tuple[Tick, ...]  # the last one of each step
    seconds: float
    target: Target
    lost_minutes: float | None = None
    abandoned: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    result: Result
    because: str
    rule: str


Answer = tuple[Result, str] | None


def a_check_that_does_not_hold_fails(s: Situation) -> Answer:
    """A check that did not hold fails the drill, even one that is broken off: it has shown something."""
    wrong = [tick for tick in s.ticks if not tick.holds]
    if not wrong:
        return None
    words = "; ".join(f"step {tick.step} ({s.steps[tick.step - 1].title}) did not hold" for tick in wrong)
    return Result.FAILED, words


def what_is_broken_off_proves_nothing(s: Situation) -> Answer:
    """A drill that was broken off neither passed nor failed."""
    if not s.abandoned:
        return None
    return Result.ABANDONED, f"broken off after {len(s.ticks)} of {len(s.steps)} steps: {s.abandoned}"


def a_step_not_done_fails(s: Situation) -> Answer:
    """Every step is done, or the drill has not shown the way."""
    done = {tick.step for tick in s.ticks}
    left = [step.title for n, step in enumerate(s.steps, 1) if n not in done]
    return (
        (Result.FAILED, f"{len(left)} of {len(s.steps)} steps not done: {'; '.join(left)}") if left else None
    )


def longer_than_the_target_fails(s: Situation) -> Answer:
    """The time from begin to end is within the target."""
    most = s.target.seconds
    if most is None or s.seconds <= most:
        return None
    return Result.FAILED, time_of(s.seconds, s.target)


def data_loss_nobody_measured_fails(s: Situation) -> Answer:
    """Where a target says how much may be lost, somebody measures how much was."""
    if s.target.rpo_minutes is None or s.lost_minutes is not None:
        return None
    return (
        Result.FAILED,
        f"nobody measured how much was lost; at most {s.target.rpo_minutes} min of data may be",
    )


def more_lost_than_allowed_fails(s: Situation) -> Answer:
    """What was lost is within the target."""
    if s.target.rpo_minutes is None or s.lost_minutes is None or s.lost_minutes <= s.target.rpo_minutes:
        return None
    return Result.FAILED, f"{_n(s.lost_minutes)} min of data lost of at most {s.target.rpo_minutes} min"


def done_in_time_passes(s: Situation) -> Answer:
    """All steps done, every check held, within every target."""
    words = [f"all {len(s.steps)} steps done, every check held", time_of(s.seconds, s.target)]
    if s.target.rpo_minutes is not None and s.lost_minutes is not None:
        words.append(f"{_n(s.lost_minutes)} min of data lost of at most {s.target.rpo_minutes} min")
    return Result.PASSED, ", ".join(words)


RULES: tuple[Callable[[Situation], Answer], ...] = (
    a_check_that_does_not_hold_fails,
    what_is_broken_off_proves_nothing,
    a_step_not_done_fails,
    longer_than_the_target_fails,
    data_loss_nobody_measured_fails,
    more_lost_than_allowed_fails,
    done_in_time_passes,
)


def judge(situation: Situation) -> Judgement:
    """Return what came of a drill, why, and which rule said so."""
    for rule in RULES:
        if answer := rule(situation):
            result, because = answer
            return Judgement(result, because, rule.__name__)
    raise AssertionError("done_in_time_passes always answers")


def last_words(ticks: Iterable[Tick]) -> tuple[Tick, ...]:
    """Return the last tick of each step, in the order of the steps."""
    return tuple(tick for _, tick in sorted({tick.step: tick for tick in ticks}.items()))


def done_at(steps: tuple[Step, ...], ticks: Iterable[Tick]) -> datetime | None:
    """Return when the last step was done: there the time stops, whatever is written down later. None: some is left."""
    last = last_words(ticks)
    return max(tick.at for tick in last) if steps and len(last) == len(steps) else None


def next_step(steps: tuple[Step, ...], ticks: Iterable[Tick]) -> int | None:
    """Return the first step that nobody has ticked; None when all are."""
    done = {tick.step for tick in ticks}
    return next((n for n in range(1, len(steps) + 1) if n not in done), None)


def time_of(seconds: float, target: Target) -> str:
    """A drill's time beside its target, in the target's unit: `41 s of at most 30 s`."""
    if target.rollback_seconds is not None:
        return f"{_n(seconds)} s of at most {target.rollback_seconds} s"
    if target.rto_minutes is not None:
        return f"{_n(seconds / 60)} min of at most {target.rto_minutes} min"
    return f"{_n(seconds)} s" if seconds < 120 else f"{_n(seconds / 60)} min"


def _n(value: float) -> str:
    """One decimal, rounded up: what is beyond a limit never reads as within it."""
    return f"{ceil(round(value * 10, 6)) / 10:g}"
