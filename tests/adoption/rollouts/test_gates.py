"""How each kind of gate turns a fact into a verdict, as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec, Missing
from companyos.adoption.rollouts.domain.gates import judge
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.binomial import lower_bound, upper_bound, wilson_lower, wilson_upper

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(days=1), NOW - timedelta(days=1)
ZOE = {"by": "zoe", "by_name": "Zoe Ng"}
P, F, W, U = Verdict.PASSED, Verdict.FAILED, Verdict.PENDING, Verdict.INCONCLUSIVE


def share(good: int, n: int, **details: Any) -> Fact:
    return Fact(
        "x", good / n, lower_bound(good, n, 0.95), upper_bound(good, n, 0.95), n, "share", details=details
    )


def answers(satisfied: int, n: int, asked: int) -> Fact:
    bounds = wilson_lower(satisfied, n, 0.9), wilson_upper(satisfied, n, 0.9)
    return Fact("x", satisfied / n, *bounds, n, "share", details={"asked": asked, "satisfied": satisfied})


def errors(evidence: float, sessions: int, *, safe: bool = False, problem: str = "", **own: float) -> Fact:
    told = {"exposed_sessions": sessions, "expected_sessions": 3.0, "safe": safe, "limit": 3.0}
    told |= {"own_evidence": 1.0, "own_sessions": 1, "own_expected": 4.0, **own}
    return Fact("x", evidence, n=214, unit="to 1", problem=problem, details=told)


def spec(kind: GateKind, **values: Any) -> GateSpec:
    return GateSpec(name="gate", title="Gate", kind=kind, **values)


SUCCESS = spec(GateKind.METRIC, metric="task_success", at_least=0.995, confidence=0.95, min_n=100)
LATENCY = spec(GateKind.METRIC, metric="latency_p95_ms", at_most=1500.0, min_n=100)
TREND = spec(GateKind.METRIC, metric="completion_trend", at_least=0.0, margin=0.05)
GUARDRAIL = spec(GateKind.GUARDRAIL, metric="task_failed", rolls_back=True)
SURVEY = spec(GateKind.SURVEY, survey="usability", at_least=0.8, min_n=10)
BUGS = spec(GateKind.OPEN_BUGS, at_most=0, fix_hours=24)
TEAMS = spec(GateKind.ACTIVE_TEAMS, at_least=2)
TASK = spec(GateKind.ATTESTED, task="publish-runbook", times=2)
APPROVAL = spec(GateKind.APPROVAL, roles=("program_lead", "grc"))


def bugs(count: int, oldest: float, sev1: int = 0) -> Fact:
    return Fact(
        "x", count, n=count, details={"oldest_hours": oldest, "sev1": sev1, "cases": ["corporate-1"] * count}
    )


def teams(*active: bool) -> Fact:
    rows = [{"team": f"Team {i}", "active": each} for i, each in enumerate(active)]
    return Fact("x", sum(active), n=len(rows), window="last week", details={"teams": rows})


def trend(value: float, low: float, high: float, *, at_target: bool = False) -> Fact:
    return Fact("x", value, low, high, 15, "points", details={"at_target": at_target})


@pytest.mark.parametrize(
    ("gate", "fact", "due", "verdict", "says"),
    [
        (SUCCESS, share(598, 598), LATER, P, "n = 598"),
        (SUCCESS, share(597, 597), LATER, W, "Needs 598 at 0 failures"),
        (SUCCESS, share(1117, 1120), LATER, W, "3 failed of 1,120. Needs 1,549 at 3 failures"),
        (SUCCESS, share(1117, 1120), EARLIER, U, "time is over"),
        (SUCCESS, share(960, 1000), LATER, F, "fewer than 0.995 succeed"),
        (SUCCESS, share(50, 50), LATER, W, "needs 100"),
        (SUCCESS, Fact("x", n=0, problem="no task yet"), LATER, W, "no task yet"),
        (SUCCESS, Fact("x", n=0, problem="no task yet"), EARLIER, U, "no task yet"),
        (SUCCESS, Fact("x", n=0, problem="1 sprint", details={"waits": True}), EARLIER, W, "1 sprint"),
        (LATENCY, Fact("x", 900, 850, 1000, 400, "ms"), LATER, P, "900 ms"),
        (LATENCY, Fact("x", 1400, 1300, 1600, 400, "ms"), LATER, W, "at most 1500 ms"),
        (LATENCY, Fact("x", 1900, 1700, 2100, 400, "ms"), LATER, F, "1900 ms"),
        (TREND, trend(0.03, 0.0, 0.06), LATER, P, "15 people"),
        (TREND, trend(-0.01, -0.03, 0.01), LATER, W, "-1 points (-3 to +1), 15 people"),
        (TREND, trend(-0.01, -0.03, 0.01, at_target=True), LATER, P, "at target and holding"),
        (TREND, trend(-0.08, -0.1, -0.06), LATER, F, "-8 points"),
        (GUARDRAIL, errors(23.8, 9), LATER, F, "Evidence 23.8 to 1 (acts at 20)"),
        (GUARDRAIL, errors(23.8, 2), LATER, W, "advancing is stopped"),
        (GUARDRAIL, errors(6.0, 5, safe=True), LATER, W, "advancing is stopped"),
        (GUARDRAIL, errors(0.2, 1, safe=True), LATER, P, "ruled out at 95 %"),
        (GUARDRAIL, errors(0.9, 1), LATER, W, "not yet ruled out"),
        (GUARDRAIL, errors(0.9, 1), EARLIER, U, "time is over"),
        (GUARDRAIL, errors(99, 9, problem="no comparison group"), LATER, P, "own days alone"),
        (
            GUARDRAIL,
            errors(1, 9, problem="no comparison group", own_evidence=30.0),
            LATER,
            U,
            "a person decides",
        ),
        (
            GUARDRAIL,
            errors(1, 9, problem="no comparison group", own_sessions=14),
            LATER,
            W,
            "cannot be ruled out",
        ),
        (GUARDRAIL, Fact("x", problem="telemetry is lost"), EARLIER, U, "telemetry is lost"),
        (SURVEY, answers(17, 20, 31), LATER, P, "17 of 20"),
        (SURVEY, answers(9, 9, 20), LATER, W, "needs 10 answers"),
        (SURVEY, answers(17, 20, 60), LATER, W, "needs 24 answers"),
        (SURVEY, answers(13, 20, 31), LATER, F, "13 of 20"),
        (SURVEY, answers(16, 20, 31), LATER, W, "16 of 20"),
        (BUGS, bugs(0, 0), LATER, P, "no open"),
        (BUGS, bugs(1, 3), LATER, W, "due within 24 h"),
        (BUGS, bugs(1, 25), LATER, F, "the oldest 25 h"),
        (BUGS, bugs(1, 1, sev1=1), LATER, F, "1 open"),
        (TEAMS, teams(True, True, False), LATER, P, "2 of 3"),
        (TEAMS, teams(True, False), LATER, W, "not yet: Team 1"),
        (TEAMS, teams(True, False), NOW, F, "needs 2"),
        (TEAMS, teams(), LATER, W, "0 of 0"),
        (TASK, Fact("x", 2, details={"by": "ana", "by_name": "Ana Ruiz"}), LATER, P, "Ana Ruiz"),
        (TASK, Fact("x", 1), EARLIER, W, "1 of 2"),
        (APPROVAL, Fact("x", 1, details={"by_role": {"grc": ZOE}}), EARLIER, W, "program lead: not yet"),
        (
            APPROVAL,
            Fact("x", 2, details={"by_role": {"grc": ZOE, "program_lead": ZOE}}),
            LATER,
            P,
            "grc: Zoe Ng",
        ),
        (spec(GateKind.DWELL), Fact("x"), LATER, W, "settles until"),
        (spec(GateKind.DWELL), Fact("x"), NOW, P, "over"),
    ],
)
def test_verdicts(gate: GateSpec, fact: Fact, due: datetime, verdict: Verdict, says: str) -> None:
    judged = judge(gate, fact, now=NOW, due_at=due)
    assert (judged.verdict, says in judged.because) == (verdict, True), judged.because


NOTHING = Fact("x", problem="no answers")
GOOD, FAILED_SOME = share(2000, 2000), share(1900, 2000)


@pytest.mark.parametrize(
    ("gate", "fact", "verdict", "says"),
    [
        (SURVEY, NOTHING, W, "no answers"),
        (replace(SURVEY, missing=Missing.HOLD), NOTHING, U, "no answers"),
        (replace(SURVEY, missing=Missing.FAIL), NOTHING, F, "no answers"),
        (SUCCESS, Fact("x", problem="engine away", details={"unmeasured": True}), U, "engine away"),
        (replace(SUCCESS, consecutive=3), GOOD, W, "passed 1 of 3 times in a row"),
        (replace(SUCCESS, consecutive=3), replace(GOOD, details={"passes_before": 2}), P, "at least"),
        (
            replace(SUCCESS, consecutive=3),
            replace(FAILED_SOME, details={"passes_before": 2}),
            F,
            "fewer than",
        ),
        (
            replace(GUARDRAIL, confirm="two_days"),
            errors(23.8, 9, confirmed=False, without_best_day=1.1),
            W,
            "a second day decides",
        ),
        (
            replace(GUARDRAIL, confirm="two_days"),
            errors(23.8, 9, confirmed=True, without_best_day=2.4),
            F,
            "acts at 20",
        ),
    ],
)
def test_what_a_gates_own_policy_changes(gate: GateSpec, fact: Fact, verdict: Verdict, says: str) -> None:
    judged = judge(gate, fact, now=NOW, due_at=LATER)
    assert (judged.verdict, says in judged.because) == (verdict, True), judged.because


def test_a_gates_own_deadline_ends_its_patience_before_the_stage_ends() -> None:
    late = replace(NOTHING, details={"deadline": EARLIER.isoformat()})
    assert judge(SURVEY, late, now=NOW, due_at=LATER).verdict is U


def test_a_streak_counts_passes_and_ends_with_another_verdict() -> None:
    assert judge(SUCCESS, replace(GOOD, details={"passes_before": 4}), now=NOW, due_at=LATER).streak == 5
    assert (
        judge(SUCCESS, replace(FAILED_SOME, details={"passes_before": 4}), now=NOW, due_at=LATER).streak == 0
    )
