"""Practice (R45): a person plays the controller of one stage against a fault that is hidden until the debrief.

A game is a seed and the moves made so far; everything shown follows from them, so it can be left and taken up again.
Each move is one working day. Nobody but the player is concerned: no flag, no person and no telemetry is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.foretelling.lessons import ENDS, LESSONS, Fault, Play, verdict_on
from companyos.adoption.rollouts.foretelling.practised_stage import Look, PractisedStage, fault_of
from companyos.adoption.rollouts.foretelling.sources import Ground, TeamWork

DAYS = 10
LATENCY_LIMIT_MS = 1500.0
ROSTER_LIMIT = 0.02


@dataclass(frozen=True, slots=True)
class Game:
    """A game as it stands. `over` says that the debrief may be shown."""

    stage: str
    people: int
    looks: tuple[Look, ...]
    plays: tuple[Play, ...]
    over: bool


@dataclass(frozen=True, slots=True)
class Debrief:
    fault: Fault
    began_on_day: int | None
    verdict: str  # right, fine or wrong
    says: str
    reacted_on_day: int | None  # the first move that was not carrying on
    exposed_tasks: int  # after the fault began, until the player stopped it
    failed_tasks: int
    controller_acts_on_day: int | None  # what the product would have done by itself
    seconds: float


def stages_to_play(plan: Plan, teams: Sequence[TeamWork]) -> tuple[int, ...]:
    """Return the places of the stages at which somebody joins while others stay off, where most people join first."""
    joining: dict[int, int] = {}
    for team in teams:
        if team.joins is not None:
            joining[team.joins] = joining.get(team.joins, 0) + team.people
    can_compare = [
        index for index in joining if any(team.joins is None or team.joins > index for team in teams)
    ]
    return tuple(sorted(can_compare, key=lambda index: -joining[index]))


def play(plan: Plan, source: Ground, index: int, seed: int, plays: Sequence[Play]) -> Game:
    """Return the game after some moves, with a look for each day that has passed and the one to decide on."""
    run = PractisedStage(plan, source, index, seed)
    looks = []
    held = False
    for day in range(1, min(DAYS, len(plays) + 1) + 1):
        looks.append(run.look(day, held=held))
        if day <= len(plays):
            held = plays[day - 1] is Play.HOLD or (held and plays[day - 1] is not Play.CARRY_ON)
            if plays[day - 1] in ENDS:
                return Game(run.title, run.people, tuple(looks), tuple(plays[:day]), over=True)
    return Game(run.title, run.people, tuple(looks), tuple(plays), over=len(plays) >= DAYS)


def debrief(
    plan: Plan, source: Ground, index: int, seed: int, plays: Sequence[Play], *, seconds: float
) -> Debrief:
    """Say what was hidden, what was right, and what the player's moves cost. For games that are over."""
    fault, run = fault_of(seed), PractisedStage(plan, source, index, seed)
    for day in range(1, DAYS + 1):
        run.look(day, held=False)
    reacted = next((day for day, each in enumerate(plays, 1) if each is not Play.CARRY_ON), None)
    lesson = LESSONS[fault]
    last = plays[-1] if plays else Play.CARRY_ON
    stopped_on = len(plays) if last is Play.ROLL_BACK else DAYS
    began = run.begins if fault is not Fault.NONE else None
    since = range((began or 1), stopped_on + 1)
    return Debrief(
        fault,
        began,
        verdict_on(lesson, plays, began),
        lesson.says,
        reacted,
        sum(run.exposed[day - 1].tasks for day in since),
        sum(run.exposed[day - 1].errors for day in since),
        run.acted_on,
        seconds,
    )
