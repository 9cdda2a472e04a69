"""R118, R136, P16: a stage that begins in shadow, and switches its own people over when the pairs agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from companyos.adoption.rollouts.domain.by_hand import why_not
from companyos.adoption.rollouts.domain.critical import why_refused
from companyos.adoption.rollouts.domain.decide import Decision, Situation, decide
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.moves import Asked, Change, Row, changed_by
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.shadow import (
    gates_judged,
    is_in_shadow,
    reverse_until,
    the_paths_agree,
)
from companyos.adoption.rollouts.domain.types import Gate, Move, StageState, Status, Verdict
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.binomial import lower_bound, upper_bound

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)  # a Monday
CALENDAR = WorkingCalendar(UTC, (time(9), time(17)), frozenset[date]())
P, F, W = Verdict.PASSED, Verdict.FAILED, Verdict.PENDING
STAGES: list[dict[str, Any]] = [
    {"slug": "prep", "title": "Prep", "week": 0, "working_days": 5, "cohort": []},
    {
        "slug": "pilot", "title": "Pilot", "week": 1, "working_days": 5, "cohort": [], "shadow": {"until": ["agree"]},
        "gates": [
            {"name": "settled", "kind": "dwell"},
            {"name": "errors", "kind": "guardrail", "metric": "task_failed", "rolls_back": True},
            {"name": "sev-bugs", "kind": "open_bugs"},
            {"name": "agree", "kind": "shadow_mismatch", "at_most": 0.05, "min_n": 59},
        ],
    },
    {"slug": "expand", "title": "Expand", "week": 2, "working_days": 5, "cohort": []},
]  # fmt: skip
DOCUMENT: dict[str, Any] = {"plan": "p", "title": "P", "feature": "f", "lead": "ana", "stages": STAGES}
PLAN = Plan.from_document(DOCUMENT)
PREP = Row(Status.ACTIVE, "prep", 1, NOW, NOW, NOW + timedelta(days=4))
SHADOWED = Row(Status.ACTIVE, "pilot", 1, NOW, NOW, NOW + timedelta(days=4))


def after(move: Move, row: Row, now: datetime = NOW, **attempts: int) -> Change:
    return changed_by(Asked(Decision(move, "because", "a_rule"), row, PLAN, "ana", attempts, CALENDAR, now))


def test_a_plan_with_a_shadow_survives_being_written() -> None:
    assert Plan.from_document(PLAN.to_document()) == PLAN
    exempt = {
        **DOCUMENT,
        "without_shadow": {"by": ["ana", "zoe"], "why": "no old path", "until": "2027-01-31"},
    }
    assert Plan.from_document(Plan.from_document(exempt).to_document()) == Plan.from_document(exempt)


def test_entering_keeps_the_cohort_before_and_puts_the_new_people_in_shadow() -> None:
    change = after(Move.ADVANCE, PREP)
    assert (change.begins, change.on, change.shadows, change.settles_in) == (True, 0, True, False)
    assert is_in_shadow(PLAN, change.row.stage, change.row.switched_at)
    assert not after(Move.ADVANCE, replace(SHADOWED, switched_at=NOW)).shadows  # Expand has none


def test_switching_over_gives_the_new_path_and_the_stage_its_days_with_people_on() -> None:
    wednesday = NOW + timedelta(days=2)
    change = after(Move.SWITCH_OVER, SHADOWED, wednesday)
    assert (change.begins, change.on, change.shadows, change.settles_in) == (False, 1, False, True)
    assert (change.row.switched_at, change.row.due_at) == (wednesday, wednesday + timedelta(days=7))
    assert (change.row.entered_at, change.row.attempt) == (NOW, 1)
    assert not is_in_shadow(PLAN, "pilot", change.row.switched_at)


def test_after_the_switch_the_old_path_runs_beside_for_its_working_days() -> None:
    shadow = {"until": ["agree"], "reverse_days": 3}
    plan = Plan.from_document({**DOCUMENT, "stages": [STAGES[0], {**STAGES[1], "shadow": shadow}, STAGES[2]]})
    assert Plan.from_document(plan.to_document()) == plan
    switch = Decision(Move.SWITCH_OVER, "because", "a_rule")
    change = changed_by(Asked(switch, SHADOWED, plan, "ana", {}, CALENDAR, NOW))
    assert (change.on, change.reverses, change.shadows) == (1, True, False)
    assert not after(Move.SWITCH_OVER, SHADOWED).reverses  # off unless the plan asks for it
    thursday = NOW + timedelta(days=3)
    assert reverse_until(plan, "pilot", NOW, CALENDAR) == thursday
    assert reverse_until(plan, "pilot", None, CALENDAR) is None  # not before the switch
    assert reverse_until(PLAN, "pilot", NOW, CALENDAR) is None
    assert reverse_until(plan, "", NOW, CALENDAR) is None


def test_taken_back_in_shadow_or_after_it_begins_in_shadow_again() -> None:
    back = after(Move.ROLL_BACK, replace(SHADOWED, switched_at=NOW))
    assert (back.on, back.shadows, back.leaves) == (0, False, StageState.ROLLED_BACK)
    again = after(Move.RESUME, back.row, pilot=1)
    assert (again.on, again.shadows, again.row.switched_at, again.row.attempt) == (0, True, None, 2)
    assert after(Move.RESUME, replace(SHADOWED, status=Status.PAUSED)).on is None


def situation(agree: Verdict, *others: Verdict, **more: Any) -> Situation:
    gates = (
        Gate("agree", agree, "3 of 60 pairs", kind="shadow_mismatch", title="Pairs"),
        *(Gate(f"g{n}", verdict, "reason") for n, verdict in enumerate(others)),
    )
    return replace(Situation(Status.ACTIVE, "pilot", False, gates, shadowed_until=("agree",)), **more)


@pytest.mark.parametrize(
    ("given", "move", "rule"),
    [
        (situation(W, P), Move.STAY, "a_shadow_ends_when_the_paths_agree"),
        (
            situation(P, W),
            Move.SWITCH_OVER,
            "a_shadow_ends_when_the_paths_agree",
        ),  # others wait until people are on
        (
            situation(P),
            Move.SWITCH_OVER,
            "a_shadow_ends_when_the_paths_agree",
        ),  # and nothing advances from a shadow
        (situation(F, P), Move.PAUSE, "a_failed_gate_pauses"),
        (situation(P, F), Move.PAUSE, "a_failed_gate_pauses"),
        (situation(P, W, status=Status.PAUSED, paused_by="ana"), Move.STAY, "a_paused_rollout_waits"),
        (situation(P, W, sev1="corporate-7"), Move.PAUSE, "an_open_sev1_holds"),
        (situation(P, W, flag_killed="ana: stop"), Move.PAUSE, "a_killed_flag_pauses"),
        (situation(P, frozen="until Monday"), Move.STAY, "a_freeze_waits"),
        (situation(P, W, frozen="until Monday"), Move.STAY, "pending_evidence_waits"),
        (situation(P, W, shadowed_until=()), Move.STAY, "pending_evidence_waits"),
        (situation(P, shadowed_until=()), Move.ADVANCE, "all_clear_moves_on"),
    ],
)
def test_what_a_stage_in_shadow_does_next(given: Situation, move: Move, rule: str) -> None:
    decision = decide(given)
    assert (decision.move, decision.rule) == (move, rule), decision.because


def test_nobody_advances_a_stage_in_shadow() -> None:
    assert "in shadow: nobody has been on yet" in why_not(Move.ADVANCE, situation(P, P))
    assert not why_not(Move.ADVANCE, situation(P, P, shadowed_until=()))
    assert not why_not(Move.ROLL_BACK, situation(P, P))


def test_in_shadow_only_gates_speak_that_are_not_about_people_who_are_on() -> None:
    assert [gate.name for gate in gates_judged(PLAN, "pilot", None)] == ["sev-bugs", "agree"]
    assert gates_judged(PLAN, "pilot", NOW) == PLAN.gates_of("pilot")
    assert gates_judged(PLAN, "expand", None) == PLAN.gates_of("expand")


def pairs(bad: int, n: int, **details: Any) -> Fact:
    told = {"unexplained": bad, **details}
    return Fact(
        "shadow.mismatch", bad / n, lower_bound(bad, n, 0.95), upper_bound(bad, n, 0.95), n, details=told
    )


AGREE = GateSpec("agree", "Pairs", GateKind.SHADOW_MISMATCH, at_most=0.05, min_n=59)
WORST = [{"places": ["/asked/manager missing"], "count": 5}]


@pytest.mark.parametrize(
    ("fact", "verdict", "says"),
    [
        (pairs(0, 59), P, "0 of 59 pairs differ unexplained (0.0% to 5.0%); at most 5.0%"),
        (pairs(0, 58), W, "from 59 pairs on"),
        (pairs(1, 59), W, "with certainty"),
        (pairs(5, 12, worst=WORST), F, "first /asked/manager missing (5)"),
        (pairs(9, 9), W, "from 59 pairs on"),  # nine pairs are no finding
        (pairs(0, 70, unproven=["x was fixed; 3 of 13 pairs since"]), W, "x was fixed; 3 of 13"),
        (
            pairs(4, 500, after_switch={"n": 12, "unexplained": 4, "low": 0.12}, worst=WORST),
            F,
            "since the switch 4 of 12",
        ),  # a thousand good pairs before do not hide them
        (pairs(0, 500, after_switch={"n": 9, "unexplained": 0, "low": 0.0}), P, "since the switch 0 of 9"),
        (Fact("shadow.mismatch", n=0, problem="no pair was compared in shadow yet"), W, "no pair"),
    ],
)
def test_when_the_paths_agree(fact: Fact, verdict: Verdict, says: str) -> None:
    found, because = the_paths_agree(AGREE, fact, NOW, NOW)
    assert (found, says in because) == (verdict, True), because


def changed(**changes: Any) -> Plan:
    return Plan.from_document({**DOCUMENT, "stages": [STAGES[0], STAGES[2]], **changes})


EXEMPT = {"by": ["ana", "zoe"], "why": "the old path is gone", "until": "2027-01-31"}
FINANCE = [{**STAGES[0], "data_domains": ["finance"]}]


@pytest.mark.parametrize(
    ("plan", "declared", "says"),
    [
        (PLAN, True, ""),
        (changed(), False, ""),
        (changed(), True, "declared critical"),
        (changed(stages=FINANCE), False, "it moves money (finance)"),
        (changed(stages=[{**STAGES[0], "data_domains": ["it", "hr"]}]), False, "it moves access (it); it"),
        (changed(stages=[{**STAGES[0], "data_domains": ["synthetic"]}]), False, ""),
        (changed(without_shadow=EXEMPT), True, ""),
        (changed(without_shadow={**EXEMPT, "by": ["ana", "ana"]}), True, "one person's"),
        (changed(without_shadow={**EXEMPT, "until": "2026-11-15"}), True, "ended on 2026-11-15"),
        (changed(stages=[{**STAGES[1], "shadow": {"until": ["settled"]}}]), True, "no stage runs both paths"),
    ],
)  # fmt: skip
def test_P16_a_critical_workflow_needs_both_paths_compared_or_two_people_s_word(
    plan: Plan, declared: bool, says: str
) -> None:
    refused = why_refused(plan, declared=declared, today=NOW.date())
    assert bool(refused) is bool(says)
    assert says in refused
    assert not refused or "shadow" in refused  # the repair is told
