"""What may be hidden in a game of practice, what a player may do, and what each fault teaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

SETTLES = 5  # days before which a stage is not left


class Fault(StrEnum):
    NONE = "none"
    REGRESSION = "regression"
    LATENCY = "latency"
    LOCAL_INCIDENT = "local incident"
    SHARED_INCIDENT = "shared incident"
    TELEMETRY_LOSS = "telemetry loss"
    LATE_DATA = "late data"
    WRONG_ROSTER = "wrong roster"
    CONTROLLER_CRASH = "controller crash"


class Play(StrEnum):
    CARRY_ON = "carry on"
    HOLD = "hold"
    ROLL_BACK = "roll back"
    ADVANCE = "advance"


ENDS = {Play.ROLL_BACK, Play.ADVANCE}


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a fault calls for. `fine` may be done as well; anything else is a mistake."""

    right: Play
    fine: frozenset[Play]
    says: str


LESSONS = {
    Fault.NONE: Lesson(
        Play.ADVANCE,
        frozenset({Play.CARRY_ON}),
        "Nothing was wrong. Holding or taking back costs trust and time; advance when harm is ruled out.",
    ),
    Fault.REGRESSION: Lesson(
        Play.ROLL_BACK,
        frozenset(),
        "The feature failed more often. Evidence beyond 20 to 1 takes back; waiting only exposes more people.",
    ),
    Fault.LATENCY: Lesson(
        Play.ROLL_BACK,
        frozenset({Play.HOLD}),
        "Errors stayed as they were while answers grew slow: look at every signal, not at errors alone.",
    ),
    Fault.LOCAL_INCIDENT: Lesson(
        Play.HOLD,
        frozenset({Play.ROLL_BACK, Play.CARRY_ON}),
        "One bad day of these teams only. It looks the same as a fault in the feature: hold, and a second day tells.",
    ),
    Fault.SHARED_INCIDENT: Lesson(
        Play.HOLD,
        frozenset({Play.CARRY_ON}),
        "Everybody erred more, also people without the feature: it is not the feature. Taking back helps nobody.",
    ),
    Fault.TELEMETRY_LOSS: Lesson(
        Play.HOLD,
        frozenset({Play.ROLL_BACK}),
        "No data is not good data: hold until telemetry is back.",
    ),
    Fault.LATE_DATA: Lesson(
        Play.HOLD,
        frozenset({Play.CARRY_ON}),
        "Days came in a day late and were counted again. Hold and let them arrive; never decide on half a day.",
    ),
    Fault.WRONG_ROSTER: Lesson(
        Play.HOLD,
        frozenset({Play.ROLL_BACK}),
        "Tasks came from people outside the cohort: the comparison is void until the roster is right.",
    ),
    Fault.CONTROLLER_CRASH: Lesson(
        Play.ROLL_BACK,
        frozenset({Play.HOLD}),
        "The controller had stopped looking while people erred; its verdict was old. A person's stop needs none.",
    ),
}


def why_not(move: Play, day: int) -> str:
    """Return why a move may not be made on a day; empty when it may. A stage settles before it is left."""
    if move is Play.ADVANCE and day <= SETTLES:
        return (
            f"the stage settles for {SETTLES} working days; advancing is possible from day {SETTLES + 1} on"
        )
    return ""


def verdict_on(lesson: Lesson, plays: Sequence[Play], began: int | None) -> str:
    """Judge the moves since the fault began; whatever was done before it, but carrying on, is a mistake."""
    before = plays[: began - 1] if began else ()
    since = set(plays[(began or 1) - 1 :])
    if any(each in ENDS for each in before):
        return "wrong"
    acted = since - {Play.CARRY_ON}
    if lesson.right in since and acted <= {lesson.right, *lesson.fine, Play.HOLD}:
        return "right"
    return (
        "fine"
        if (acted and acted <= lesson.fine) or (not acted and Play.CARRY_ON in lesson.fine)
        else "wrong"
    )
