"""The risk/rollback matrix (R128): judged beside live values; what is hit holds, takes back or pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from companyos.adoption.rollouts.domain.decide import Situation, decide
from companyos.adoption.rollouts.domain.gate_specs import RiskAction, RiskSpec
from companyos.adoption.rollouts.domain.gates import judge
from companyos.adoption.rollouts.domain.moves import NOBODY, Asked, Row, changed_by
from companyos.adoption.rollouts.domain.plan import Plan, Reach
from companyos.adoption.rollouts.domain.risks import pages, reach_of
from companyos.adoption.rollouts.domain.types import Gate, Move, Status, Verdict
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.evidence import Fact

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def row(
    action: str = "roll_back", comparator: str = ">", *, reach: str = "", min_n: int | None = None
) -> RiskSpec:
    return RiskSpec(
        "slow", "Slow", "latency_p95_ms", comparator, 100.0, RiskAction(action), reach=reach, min_n=min_n
    )


def judged(risk: RiskSpec, fact: Fact) -> Gate:
    return judge(risk.as_gate(), fact, now=NOW, due_at=LATER)


@pytest.mark.parametrize(
    ("comparator", "value", "low", "high", "verdict"),
    [
        (">", 120, 110, 130, Verdict.FAILED),
        (">", 120, 90, 130, Verdict.PASSED),  # the interval is not beyond
        (">", 100, 100, 100, Verdict.PASSED),
        (">=", 100, 100, 100, Verdict.FAILED),
        ("<", 80, 70, 90, Verdict.FAILED),
        ("<", 80, 70, 105, Verdict.PASSED),
        ("<=", 100, 100, 100, Verdict.FAILED),
    ],
)
def test_a_row_is_hit_when_the_whole_interval_is_beyond(
    comparator: str, value: float, low: float, high: float, verdict: Verdict
) -> None:
    gate = judged(row(comparator=comparator), Fact("f", value, low, high, 50, "ms"))
    assert gate.verdict is verdict
    assert f"hit when {comparator} 100" in gate.because


def test_too_few_hit_nothing_and_no_data_is_no_answer() -> None:
    assert judged(row(min_n=40), Fact("f", 900.0, n=39)).verdict is Verdict.PASSED
    assert judged(row(min_n=40), Fact("f", 900.0, n=40)).verdict is Verdict.FAILED
    assert judged(row(), Fact("f", problem="no task yet")).verdict is Verdict.PENDING


@pytest.mark.parametrize(
    ("action", "move"), [("roll_back", Move.ROLL_BACK), ("hold", Move.PAUSE), ("page", Move.STAY)]
)
def test_what_is_hit_does_what_the_row_says(action: str, move: Move) -> None:
    gates = (judged(row(action), Fact("f", 900.0, n=50)), Gate("dwell", Verdict.PENDING, "settles"))
    assert decide(Situation(Status.ACTIVE, "pilot", False, gates)).move is move


def test_rows_that_are_not_hit_are_no_proof() -> None:
    quiet = judged(row(), Fact("f", 1.0, n=50))
    assert decide(Situation(Status.ACTIVE, "pilot", False, (quiet,))).rule == "a_stage_without_gates_waits"


def plan(reach: Reach = Reach.STAGE) -> Plan:
    stages = [
        {"slug": s, "title": s, "week": n, "working_days": 5, "cohort": []} for n, s in enumerate("abc")
    ]
    return Plan.from_document(
        {"plan": "p", "title": "P", "feature": "f", "lead": "ana", "rolls_back": reach, "stages": stages}
    )


@pytest.mark.parametrize(
    ("plan_says", "row_says", "other_breach", "reach"),
    [
        (Reach.STAGE, "everything", False, Reach.EVERYTHING),
        (Reach.EVERYTHING, "stage", False, Reach.STAGE),
        (Reach.EVERYTHING, "stage", True, Reach.EVERYTHING),  # the guardrail goes as far as the plan says
        (Reach.STAGE, "", False, Reach.STAGE),
    ],
)
def test_a_rollback_goes_as_far_as_the_matrix_says(
    plan_says: Reach, row_says: str, other_breach: bool, reach: Reach
) -> None:
    gates = [judged(row(reach=row_says), Fact("f", 900.0, n=50))]
    if other_breach:
        gates.append(Gate("guard", Verdict.FAILED, "20 to 1", rolls_back=True))
    found = reach_of(plan(plan_says), gates)
    assert found is reach
    calendar = WorkingCalendar(ZoneInfo("UTC"))
    decision = decide(Situation(Status.ACTIVE, "c", True, tuple(gates)))
    before = Row(Status.ACTIVE, "c", 1, NOW, NOW, LATER)
    change = changed_by(Asked(decision, before, plan(plan_says), "controller", {}, calendar, NOW, found))
    assert change.on == (NOBODY if reach is Reach.EVERYTHING else 1)


def test_a_row_pages_once_and_again_after_it_was_quiet() -> None:
    hit, quiet = (judged(row("page"), Fact("f", value, n=50)) for value in (900.0, 1.0))
    assert pages([hit], []) == (hit,)
    assert pages([hit], [hit]) == ()
    assert pages([hit], [quiet]) == (hit,)
    assert pages([judged(row("hold"), Fact("f", 900.0, n=50))], []) == ()
