"""A stored decision replays to the same answer; whatever was changed since is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from companyos.adoption.rollouts.domain.decide import Situation, decide
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.gates import judge
from companyos.adoption.rollouts.domain.replay import BY_A_PERSON, Frozen, replay
from companyos.adoption.rollouts.domain.types import Move, Status
from companyos.kernel.evidence import Fact

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
BUGS = GateSpec("sev-bugs", "Open Sev1 and Sev2", GateKind.OPEN_BUGS, at_most=0, fix_hours=24)
FACT = Fact(
    "cases.open_severe_bugs", 1.0, n=1, details={"cases": ["corporate-1"], "sev1": 1, "oldest_hours": 2}
)


def frozen(**changes: Any) -> Frozen:
    gate = replace(judge(BUGS, FACT, now=NOW, due_at=NOW + timedelta(days=1)), evidence_sha256=FACT.sha256)
    situation = Situation(Status.ACTIVE, "pilot", False, (gate,))
    decided = decide(situation)
    whole = Frozen(
        NOW,
        decided.move,
        decided.rule,
        decided.because,
        situation,
        NOW + timedelta(days=1),
        (BUGS,),
        {"sev-bugs": FACT},
        {"sev-bugs": FACT.sha256},
    )
    return replace(whole, **changes)


def test_what_was_frozen_gives_the_same_answer() -> None:
    assert frozen().move is Move.PAUSE
    assert replay(frozen()).agrees


STRICTER = replace(BUGS, at_most=5)
CALM = Situation(Status.ACTIVE, "pilot", False, ())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"facts": {"sev-bugs": replace(FACT, n=2)}}, "not what it was"),
        ({"facts": {}}, "is gone"),
        ({"specs": (STRICTER,)}, "was failed"),
        ({"move": Move.ADVANCE}, "the rules now say pause"),
        ({"because": "all is well"}, "the rules now say pause"),
        ({"rule": BY_A_PERSON, "move": Move.RESUME}, "a person could not do this now"),
        ({"situation": CALM}, "the rules now say stay"),
    ],
)
def test_what_was_changed_is_named(changes: dict[str, Any], says: str) -> None:
    again = replay(frozen(**changes))
    assert not again.agrees
    assert says in again.because


def test_a_persons_move_agrees_while_it_would_still_be_allowed() -> None:
    assert replay(frozen(rule=BY_A_PERSON, move=Move.ROLL_BACK, because="it feels wrong")).agrees
