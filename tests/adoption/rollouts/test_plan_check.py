"""Plans that know what they can learn (R179): refused where a gate is out of reach, accepted through repairs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

import pytest
from django.db import transaction

from companyos.adoption.rollouts.actions import Refused
from companyos.adoption.rollouts.domain.count_rule import A_COUNT
from companyos.adoption.rollouts.domain.foresee import Place, odds_of
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.gates import judge
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.plan_check import check, repaired
from companyos.adoption.rollouts.domain.repairs import lasting, repairs_of
from companyos.adoption.rollouts.domain.setting import Crowd, Setting, crowds_of, scaled
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.cli.commands import run
from companyos.cli.plans import people_of_program
from companyos.kernel.evidence import Fact
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)


def the_plan() -> tuple[Plan, tuple[Crowd, ...]]:
    program = load_program(PROGRAM)
    return program.plans[0], crowds_of(program.plans[0], people_of_program(program))


def a_stage(*gates: GateSpec, days: int = 5) -> Plan:
    stages = [
        {"slug": f"s{n}", "title": f"S{n}", "week": n, "working_days": days, "cohort": [], "gates": []}
        for n in range(3)
    ]
    plan = Plan.from_document({"plan": "p", "title": "P", "feature": "f", "lead": "ana", "stages": stages})
    first = replace(plan.stages[0], gates=gates)
    return replace(plan, stages=(first, *plan.stages[1:]))


CROWDS = (Crowd(20, 20, 100), Crowd(30, 50, 100), Crowd(50, 100, 100))
SUCCESS = GateSpec("ok", "Ok", GateKind.METRIC, metric="task_success", at_least=0.99, confidence=0.95)
GUARD = GateSpec("guard", "Guard", GateKind.GUARDRAIL, metric="task_failed", rolls_back=True)
SURVEY = GateSpec("easy", "Easy", GateKind.SURVEY, survey="s", at_least=0.8, min_n=30)


def odds(spec: GateSpec, *, cases: float, days: int = 5) -> float:
    place = Place(a_stage(spec, days=days), 0, CROWDS, Setting(100, cases, 0.6))
    return odds_of(spec, place).verdict


def test_more_work_and_more_time_never_make_a_gate_harder_to_reach() -> None:
    for spec in (SUCCESS, GUARD):
        by_cases = [odds(spec, cases=cases) for cases in (50, 500, 5_000, 50_000)]
        by_days = [odds(spec, cases=5_000, days=days) for days in (5, 10, 20)]
        assert by_cases == sorted(by_cases)
        assert by_days == sorted(by_days)
        assert by_cases[0] < 0.1
    assert odds(SUCCESS, cases=50_000) > 0.9


@pytest.mark.parametrize(
    ("count", "cases", "reachable"), [(30, 500, True), (100, 500, False), (100, 5_000, True)]
)
def test_a_count_makes_a_gate_reachable_only_where_there_is_something_to_count(
    count: int, cases: float, reachable: bool
) -> None:
    assert (odds(replace(SUCCESS, count=count), cases=cases) >= 0.9) is reachable


def test_each_repair_leaves_a_plan_that_its_file_can_hold() -> None:
    """A repair is a whole plan; what is written and read back is the same plan."""
    seen = set()
    for spec in (SUCCESS, GUARD, SURVEY):
        place = Place(a_stage(spec), 0, CROWDS, Setting(100, 400))
        for repair in repairs_of(spec, place):
            seen.add(repair.name)
            assert Plan.from_document(repair.plan.to_document()) == repair.plan
            assert repair.plan.stages[repair.stage].gate(repair.gate)
    assert seen == {"a longer window", "shadow pairs", "ask everyone", "a count", "a named judgement"}


def test_a_longer_stage_moves_the_stages_after_it() -> None:
    longer = lasting(a_stage(SUCCESS), 1, 15)
    assert [stage.week for stage in longer.stages] == [0, 1, 4]


def test_a_guardrail_keeps_watching_when_a_person_judges_instead() -> None:
    place = Place(a_stage(GUARD), 0, CROWDS, Setting(100, 50))
    judged = [repair for repair in repairs_of(GUARD, place) if not repair.measures]
    gates = judged[0].plan.stages[0].gates
    assert {gate.kind for gate in gates} == {GateKind.GUARDRAIL, GateKind.JUDGEMENT}
    assert next(gate for gate in gates if gate.kind is GateKind.GUARDRAIL).rolls_back


def test_a_small_company_is_refused_the_naive_plan_and_led_to_one_that_answers() -> None:
    plan, crowds = the_plan()
    setting = Setting(60, 900, 0.5)
    crowds = scaled(crowds, 60)
    before = check(plan, crowds, setting)
    assert not before.accepted
    assert all(gate.repairs for _, gate in before.unreachable)
    after, taken = repaired(plan, crowds, setting)
    assert check(after, crowds, setting).accepted
    assert any(repair.measures for repair in taken)


def test_a_check_takes_less_than_a_second() -> None:
    plan, crowds = the_plan()
    began = process_time()
    check(plan, crowds, Setting(206, 10_000))
    assert process_time() - began < 1


def fact(value: float, n: int, **details: object) -> Fact:
    told = {"safe": False, "limit": 3.0, "exposed_sessions": 1, "expected_sessions": 1.0, "own_evidence": 1.0}
    return Fact("f", value, 0.5, 1.0, n, "share", details={**told, **details})


@pytest.mark.parametrize(
    ("spec", "seen", "verdict"),
    [
        (replace(SUCCESS, count=30), fact(1.0, 40), Verdict.PASSED),
        (replace(SUCCESS, count=30), fact(0.975, 40), Verdict.FAILED),
        (replace(SUCCESS, count=30), fact(1.0, 20), Verdict.INCONCLUSIVE),
        (replace(GUARD, count=30), fact(1.2, 40), Verdict.PASSED),
        (replace(GUARD, count=30), fact(6.0, 40), Verdict.INCONCLUSIVE),
        (replace(GUARD, count=30), fact(1.2, 40, own_evidence=7.0), Verdict.INCONCLUSIVE),
        (SUCCESS, fact(1.0, 40), Verdict.INCONCLUSIVE),
    ],
)
def test_a_count_decides_when_time_is_over_and_says_so(spec: GateSpec, seen: Fact, verdict: Verdict) -> None:
    early = judge(spec, seen, now=NOW, due_at=NOW + timedelta(days=1))
    assert early.verdict is Verdict.PENDING
    late = judge(spec, seen, now=NOW, due_at=NOW - timedelta(minutes=1))
    assert late.verdict is verdict
    assert (A_COUNT in late.because) == (verdict is not Verdict.INCONCLUSIVE)


def test_a_judgement_needs_a_name_and_a_reason_and_is_shown_as_one() -> None:
    spec = GateSpec("j", "J", GateKind.JUDGEMENT, task="judge-j")
    told = {"by_name": "Ana Ruiz", "note": ""}
    facts = (
        Fact("f", 0.0),
        Fact("f", 1.0, details=told),
        Fact("f", 1.0, details={**told, "note": "tried it all week"}),
    )
    given = [judge(spec, each, now=NOW, due_at=NOW) for each in facts]
    assert [each.verdict for each in given] == [Verdict.PENDING, Verdict.PENDING, Verdict.PASSED]
    assert given[-1].because == "judged, not measured, by Ana Ruiz: tried it all week"


def test_the_command_refuses_offers_repairs_and_writes_a_plan_that_loads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "program"
    shutil.copytree(PROGRAM, folder)
    asked = ["plan", "check", "unified-approvals", "--program", str(folder), "--cases", "3000"]
    assert run([*asked, "--write", str(folder / "plans" / "unified-approvals.yaml")]) == 1
    said = capsys.readouterr().out
    assert "Refused: " in said
    assert "a named judgement: " in said
    assert run(asked) == 0
    assert "Accepted: " in capsys.readouterr().out
    assert run(["plan", "check", "nothing", "--program", str(folder)]) == 2
    assert run([*asked, "--response", "7"]) == 2


def test_the_shipped_plan_is_accepted_for_what_it_expects_and_refused_for_less(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["plan", "check", "unified-approvals", "--program", str(PROGRAM)]
    assert run(asked) == 0
    said = capsys.readouterr().out
    assert "206 people, 7000 cases a week, 72% answer, 1.00% fail today" in said
    assert "Accepted: " in said
    assert run([*asked, "--people", "60"]) == 1


@pytest.mark.django_db
def test_a_plan_that_says_what_it_expects_is_refused_when_it_cannot_learn(tmp_path: Path) -> None:
    folder = tmp_path / "program"
    shutil.copytree(PROGRAM, folder)
    path = folder / "plans" / "unified-approvals.yaml"
    text = path.read_text()
    path.write_text(text.replace("cases_a_week: 7000", "cases_a_week: 300", 1))
    with pytest.raises(Refused, match="would mostly end without an answer"), transaction.atomic():
        apply(load_program(folder), now=NOW)
    path.write_text(text)
    apply(load_program(folder), now=NOW)


_SCORED = """
import json
from dataclasses import asdict
from bench.plans import scored
print(json.dumps([asdict(scored(seed)) for seed in range(12)]))
"""


@pytest.mark.slow
def test_gates_of_accepted_plans_answer_in_simulated_companies_r179() -> None:
    """The bench at a small size: 12 companies of 30 to 300 people; the naive defaults beside it."""
    told = subprocess.run(
        [sys.executable, "-c", _SCORED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rows = json.loads(told.stdout)

    def total(name: str) -> int:
        return sum(row[name] for row in rows)

    assert total("without") / total("gates") <= 0.07  # the bench asks 5 % of 200 companies; its seed is 179
    assert total("naive_without") / total("naive_gates") > 0.3
    assert sum(row["accepted"] and row["measured_repairs"] > row["judgements"] for row in rows) >= 10
