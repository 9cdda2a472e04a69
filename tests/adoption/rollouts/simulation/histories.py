"""Seeded histories of a rollout: two controllers, people, telemetry and accidents in any order."""

from __future__ import annotations

from random import Random

from adoption.rollouts.simulation.world import World, at_the_end, violations
from companyos.adoption.rollouts.domain.types import Move, Status

STEPS_A_HISTORY = 60
CRASHES = (
    *(None,) * 9,
    "after the read",
    "after the gates",
    "before the commit",
    "after the commit",
    "before the file",
    "after the file",
    "before the send",
    "after the send",
    "inside the transaction",
)
_WHAT = ("look",) * 4 + ("judge",) * 4 + ("act",) * 4 + ("publish",) * 2 + ("relay",) * 2
_ACCIDENTS = ("error",) * 4 + ("same error",) * 2 + ("quiet",) * 4 + ("lost", "back", "clock")
_PEOPLE = (Move.START, Move.PAUSE, Move.RESUME, Move.RESUME, Move.ROLL_BACK, Move.ADVANCE, Move.KILL)


def play(seed: int, flaws: frozenset[str] = frozenset()) -> str:
    """Play one history; return the first thing that went wrong, or nothing."""
    dice, world = Random(seed), World(flaws)
    world.person(Move.START, 0, world.store.row)
    old = (world.store.version, world.store.row)  # what a person saw a while ago
    for _ in range(STEPS_A_HISTORY):
        draw = dice.random()
        if draw < 0.72:
            world.run(dice.randrange(2), dice.choice(_WHAT), dice.choice(CRASHES))
        elif draw < 0.92:
            _happen(world, dice)
        elif draw < 0.97:
            seen = old if dice.random() < 0.3 else (world.store.version, world.store.row)
            world.person(_wanted(world, dice), *seen)
        else:
            old = (world.store.version, world.store.row)
        for problem in violations(world):
            return problem
    world.settle()
    return next(at_the_end(world), "")


def _wanted(world: World, dice: Random) -> Move:
    """People mostly help a stopped rollout on, and now and then stop one for good."""
    if world.store.row.status in {Status.PAUSED, Status.ROLLED_BACK} and dice.random() < 0.6:
        return Move.RESUME
    return dice.choice(_PEOPLE)


def _happen(world: World, dice: Random) -> None:
    attempt = (world.store.row.stage, world.store.row.attempt)
    match dice.choice(_ACCIDENTS):
        case "error":
            world.telemetry.report(attempt, dice.randrange(1000))
        case "same error":
            world.telemetry.report(attempt, 7)
        case "quiet":
            world.telemetry.quiet.add(attempt)
        case "lost":
            world.telemetry.lost = True
        case "back":
            world.telemetry.lost = False
        case "clock":
            world.jump(dice.choice([-1.0, 0.1, 1.0, 80.0]))
