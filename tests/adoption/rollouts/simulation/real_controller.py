"""A controller as a real process: reads, judges, decides and moves on one shared database, until it is told to stop.

    python real_controller.py DATA NAME SEED STOP_FILE

Gates are drawn; everything else is the product's own code and a real transaction. Prints one line a move.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from companyos.cli.ground import use_django

data, name, seed, stop = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
use_django(data)

from django.db import OperationalError  # noqa: E402

from companyos.adoption.rollouts import actions, queries  # noqa: E402
from companyos.adoption.rollouts.domain.decide import decide  # noqa: E402
from companyos.adoption.rollouts.domain.types import Gate, Move, Status, Verdict  # noqa: E402
from companyos.cli.program import read_program  # noqa: E402

PLAN = "unified-approvals"
CALENDAR = read_program(Path("program")).company.calendar
LEAD = "ana-ruiz"
dice = Random(seed)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def gates() -> tuple[Gate, ...]:
    """Mostly good news, now and then doubt or a breach."""
    verdict = dice.choices([Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.FAILED], [6, 1, 1])[0]
    return (Gate("drawn", verdict, "as drawn", rolls_back=True),)


def controller_turn() -> str:
    state = queries.state(PLAN)
    if state is None or state.status not in {Status.ACTIVE, Status.PAUSED}:
        return ""
    judged, now = actions.Judged(gates()), datetime.now(UTC)
    decision = decide(
        queries.situation_of(state, plan=state.plan, flag=state.flag, gates=judged.gates, now=now)
    )
    if decision.move in {
        Move.STAY,
        Move.COMPLETE,
    }:  # nobody moves a completed rollout: the play would be over
        return ""
    time.sleep(dice.random() * 0.02)  # a stall between reading and writing is what is tried here
    actions.move(
        actor=actions.CONTROLLER, plan=PLAN, decision=decision, version=state.version,
        judged=judged, calendar=CALENDAR, now=now,
    )  # fmt: skip
    return decision.move


def person_turn() -> str:
    """A person starts and resumes, and now and then takes back."""
    version, now = queries.version_of(PLAN), datetime.now(UTC)
    wanted = dice.choice([Move.START, Move.RESUME, Move.RESUME, Move.ROLL_BACK])
    time.sleep(dice.random() * 0.02)
    actions.person_moves(
        actor=LEAD, plan=PLAN, wanted=wanted, reason="as a person would", version=version or 0,
        judged=actions.Judged(), calendar=CALENDAR, now=now,
    )  # fmt: skip
    return wanted


turn = person_turn if name == "person" else controller_turn
while not stop.exists():
    try:
        if moved := turn():
            say(f"{name} {moved}")
    except actions.Overtaken:
        say(f"{name} overtaken")
    except actions.Refused:
        pass
    except OperationalError as busy:
        say(f"{name} busy {busy}")
    time.sleep(0.002)
