"""What a rollout does next, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from companyos.adoption.rollouts.domain.by_hand import why_not
from companyos.adoption.rollouts.domain.decide import RULES, Situation, decide
from companyos.adoption.rollouts.domain.types import Gate, Move, Status, Verdict

P, F, W, U = Verdict.PASSED, Verdict.FAILED, Verdict.PENDING, Verdict.INCONCLUSIVE


def situation(
    *verdicts: Verdict, status: Status = Status.ACTIVE, rolls_back: bool = False, last: bool = False
) -> Situation:
    gates = tuple(
        Gate(f"gate-{i}", verdict, f"reason {i}", rolls_back=rolls_back) for i, verdict in enumerate(verdicts)
    )
    return Situation(status, "expand", last, gates, paused_by="ana" if status is Status.PAUSED else "")


@pytest.mark.parametrize(
    ("given", "move", "rule"),
    [
        (situation(P, P), Move.ADVANCE, "all_clear_moves_on"),
        (situation(P, P, last=True), Move.COMPLETE, "all_clear_moves_on"),
        (situation(P, W), Move.STAY, "pending_evidence_waits"),
        (situation(P, U), Move.PAUSE, "doubt_pauses"),
        (situation(F, W), Move.PAUSE, "a_failed_gate_pauses"),
        (situation(F, U), Move.PAUSE, "a_failed_gate_pauses"),
        (situation(F, P, rolls_back=True), Move.ROLL_BACK, "a_breach_rolls_back"),
        (situation(P, P, status=Status.PAUSED), Move.STAY, "a_paused_rollout_waits"),
        (situation(F, status=Status.PAUSED), Move.STAY, "a_paused_rollout_waits"),
        (situation(F, status=Status.PAUSED, rolls_back=True), Move.ROLL_BACK, "a_breach_rolls_back"),
        (situation(P, status=Status.ROLLED_BACK), Move.STAY, "a_stopped_rollout_stays"),
        (situation(F, status=Status.KILLED, rolls_back=True), Move.STAY, "a_stopped_rollout_stays"),
        (situation(P, status=Status.COMPLETED), Move.STAY, "a_stopped_rollout_stays"),
        (situation(P, status=Status.PLANNED), Move.STAY, "a_stopped_rollout_stays"),
        (situation(), Move.STAY, "a_stage_without_gates_waits"),
    ],
)
def test_the_first_rule_with_an_opinion_decides_R116(given: Situation, move: Move, rule: str) -> None:
    decision = decide(given)
    assert (decision.move, decision.rule) == (move, rule)
    assert decision.because


ALL_CLEAR = situation(P, P)
DRY = replace(ALL_CLEAR, gates=(*ALL_CLEAR.gates, Gate("trial", F, "too slow", dry_run=True)))
EXEMPT = replace(ALL_CLEAR, gates=(*ALL_CLEAR.gates, Gate("late", U, "no data", exempt="by Ana and Zoe")))
SEV1 = replace(ALL_CLEAR, sev1="corporate-7")
FROZEN = replace(ALL_CLEAR, frozen="until Monday: quarter end")


@pytest.mark.parametrize(
    ("given", "move", "says"),
    [
        (SEV1, Move.PAUSE, "open Sev1: corporate-7"),
        (replace(SEV1, gates=situation(F, rolls_back=True).gates), Move.ROLL_BACK, "reason 0"),
        (replace(SEV1, status=Status.PAUSED, paused_by="ana"), Move.STAY, "paused by ana"),
        (DRY, Move.ADVANCE, "all 2 gates passed"),
        (replace(DRY, gates=DRY.gates[2:]), Move.STAY, "has no gate that could pass"),
        (EXEMPT, Move.ADVANCE, "all 2 gates passed, 1 exempted"),
        (FROZEN, Move.STAY, "frozen: until Monday"),
        (replace(FROZEN, gates=situation(F, rolls_back=True).gates), Move.ROLL_BACK, "reason 0"),
    ],
)
def test_a_gate_on_trial_or_exempted_is_not_in_the_way_and_a_freeze_is(
    given: Situation, move: Move, says: str
) -> None:
    decision = decide(given)
    assert (decision.move, says in decision.because) == (move, True), decision.because


@pytest.mark.parametrize(
    ("move", "given", "allowed"),
    [
        (Move.START, situation(status=Status.PLANNED), False),
        (Move.ADVANCE, ALL_CLEAR, False),
        (Move.RESUME, situation(P, status=Status.ROLLED_BACK), False),
        (Move.RESUME, situation(P, status=Status.PAUSED), True),
        (Move.ROLL_BACK, ALL_CLEAR, True),
        (Move.KILL, ALL_CLEAR, True),
    ],
)
def test_in_a_freeze_nothing_new_is_switched_on(move: Move, given: Situation, allowed: bool) -> None:
    assert (why_not(move, replace(given, frozen="until Monday")) == "") is allowed


@pytest.mark.parametrize(
    ("given", "move", "rule"),
    [
        (situation(P, P), Move.PAUSE, "a_killed_flag_pauses"),
        (situation(F), Move.PAUSE, "a_killed_flag_pauses"),
        (situation(F, rolls_back=True), Move.ROLL_BACK, "a_breach_rolls_back"),
        (situation(P, status=Status.PAUSED), Move.STAY, "a_paused_rollout_waits"),
    ],
)
def test_whoever_kills_the_flag_stops_its_rollout(given: Situation, move: Move, rule: str) -> None:
    killed = replace(given, flag_killed="ana-ruiz: it floods people")
    assert (decide(killed).move, decide(killed).rule) == (move, rule)
    for onward in (Move.START, Move.RESUME, Move.ADVANCE):
        assert "un-kill it on its page first" in why_not(onward, killed)
    assert why_not(Move.KILL, killed) == ""


HELD, OVER = "held by Ana Ruiz: a complaint", "killed by Ana Ruiz: nobody wants it"
PAUSES, ENDS = "a_held_feature_pauses", "a_feature_that_is_over_ends_its_rollouts"


@pytest.mark.parametrize(
    ("given", "held", "over", "move", "rule"),
    [
        (ALL_CLEAR, HELD, "", Move.PAUSE, PAUSES),
        (situation(F, rolls_back=True), HELD, "", Move.ROLL_BACK, "a_breach_rolls_back"),
        (situation(P, status=Status.PAUSED), HELD, "", Move.STAY, "a_paused_rollout_waits"),
        (ALL_CLEAR, "", OVER, Move.KILL, ENDS),
        (situation(P, status=Status.PAUSED), "", OVER, Move.KILL, ENDS),
        (situation(P, status=Status.ROLLED_BACK), "", OVER, Move.KILL, ENDS),
        (situation(P, status=Status.KILLED), "", OVER, Move.STAY, "a_stopped_rollout_stays"),
        (situation(P, status=Status.COMPLETED), "", OVER, Move.STAY, "a_stopped_rollout_stays"),
    ],
)
def test_who_stops_a_feature_stops_its_rollouts_and_nothing_moves_them_on(
    given: Situation, held: str, over: str, move: Move, rule: str
) -> None:
    given = replace(given, feature_held=held, feature_over=over)
    assert (decide(given).move, decide(given).rule) == (move, rule)
    ways = ((Move.START, Status.PLANNED), (Move.RESUME, Status.PAUSED), (Move.ADVANCE, Status.ACTIVE))
    for onward, status in ways:
        assert "page first" in why_not(onward, replace(given, status=status))
    assert why_not(Move.ROLL_BACK, replace(given, status=Status.ACTIVE)) == ""


def test_every_rule_says_what_it_is_for() -> None:
    assert all(rule.__doc__ for rule in RULES)


@pytest.mark.parametrize(
    ("move", "given", "allowed"),
    [
        (Move.ADVANCE, situation(U), True),
        (Move.ADVANCE, situation(W), True),
        (Move.ADVANCE, situation(F), False),
        (Move.ADVANCE, situation(P, status=Status.ROLLED_BACK), False),
        (Move.RESUME, situation(P, status=Status.PAUSED), True),
        (Move.RESUME, situation(P, status=Status.ROLLED_BACK), True),
        (Move.RESUME, situation(P), False),
        (Move.RESUME, situation(P, status=Status.KILLED), False),
        (Move.ROLL_BACK, situation(P), True),
        (Move.ROLL_BACK, situation(P, status=Status.PAUSED), True),
        (Move.ROLL_BACK, situation(P, status=Status.COMPLETED), False),
        (Move.KILL, situation(P), True),
        (Move.START, situation(P, status=Status.PLANNED), True),
        (Move.START, situation(P), False),
    ],
)
def test_a_refused_move_says_why(move: Move, given: Situation, allowed: bool) -> None:
    assert (why_not(move, given) == "") is allowed
