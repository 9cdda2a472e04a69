"""Each line of the seed's example plan and of its checklist, and what in the shipped plan enforces it.

`python -m pytest tests/program/test_seed_as_table.py -s -k table` prints the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from companyos.adoption.rollouts.domain.gate_specs import GateKind
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.kernel.stats.binomial import upper_bound
from companyos.surfaces.program.load import load_program

ROOT = Path(__file__).parents[2]
SEED = ROOT.parent / "shared" / "seed.md"

# The parts of each line, and the stage that must serve them.
PLAN_LINES = {
    "Prep (Week 0)": (
        "prep",
        "enable in Experimental/QA tenant with synthetic data",
        "publish runbook",
        "set alerting on latency/error budgets",
        "create migration rollback script",
    ),
    "Pilot (Week 1)": (
        "pilot",
        "enable for Platform Eng + People Ops in Engineering Quality tenant",
        "run shadow mode vs existing approvals",
        "daily standup checkpoint",
    ),
    "Expand (Week 2)": (
        "expand",
        "enable for Sales Ops & Support in Go-to-Market tenant",
        "collect usability surveys after 3 days",
        "fix Sev1/Sev2 within 24h",
    ),
    "Harden (Week 3)": (
        "harden",
        "enable in Corporate tenant for a single department",
        "monitor completion rates",
        "policy violations",
        "run DR drill",
    ),
    "Internal GA (Week 4)": (
        "internal_ga",
        "org-wide enablement",
        "publish case study + how-to video",
        "open feedback RFC window for 1 week",
    ),
    "External GA readiness": (
        "external_ga_readiness",
        "confirm metrics vs targets",
        "close Sev1/Sev2",
        "finalize docs and support macros",
    ),
}
CHECKLIST = {
    "Stability": ("≥99.5% success rate over two sprints", "no open Sev1/Sev2"),
    "Adoption": (
        "≥3 internal teams using in production tenant",
        "positive trend in task completion",
        "time-to-value",
        "NPS/CSAT ≥80%",
    ),
    "Observability": (
        "dashboards for latency, errors, and usage",
        "alerting with paging rules",
        "feature flag + rollback path validated",
    ),
    "Security/Compliance": (
        "threat model complete",
        "permissions reviewed",
        "data retention & residency documented",
        "privacy review passed",
    ),
    "Support/Docs": (
        "runbooks, FAQs, and quick-start guides published",
        "enablement materials delivered",
        "known limitations listed",
    ),
    "Operations": (
        "migration/rollback tested",
        "on-call ownership assigned",
        "capacity/load tests meet targets",
        "integration contracts versioned",
    ),
    "Feedback loop": (
        "issue templates live",
        "feedback triage SLAs defined",
        "telemetry mapped to north-star success metrics",
    ),
}
LINES = {line: (stage, words) for line, (stage, *words) in PLAN_LINES.items()} | {
    line: ("external_ga_readiness", list(words)) for line, words in CHECKLIST.items()
}
PARTS = [(line, stage, words) for line, (stage, parts) in LINES.items() for words in parts]
# Bugs are closed on the way into readiness; there, the gate of the checklist keeps them at none.
SERVED_EARLIER = {"close Sev1/Sev2": "internal_ga"}


@dataclass(frozen=True, slots=True)
class Enforcer:
    """A part of the plan that quotes the seed; a task alone asks but does not enforce."""

    stage: str
    what: str
    serves: str
    enforces: bool


def enforcers(plan: Plan) -> Iterator[Enforcer]:
    for stage in plan.stages:
        for part in stage.cohort:
            who = part.department or ", ".join(part.teams) or "everyone"
            yield Enforcer(stage.slug, f"cohort {part.tenant}: {who}", part.serves, enforces=True)
        for task in stage.tasks:
            yield Enforcer(stage.slug, f"task {task.slug} ({task.cadence})", task.serves, enforces=False)
        for gate in stage.gates:
            yield Enforcer(stage.slug, f"gate {gate.name} ({gate.kind})", gate.serves, enforces=True)


@pytest.fixture(scope="module")
def plan() -> Plan:
    (plan,) = load_program(ROOT / "program").plans
    return plan


@pytest.fixture(scope="module")
def seed() -> str:
    if not SEED.exists():
        pytest.skip("the seed is not beside this repository")
    return SEED.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "stage", "words"), PARTS, ids=[f"{line}: {words}" for line, _, words in PARTS]
)
def test_a_cohort_or_a_gate_serves_each_part_of_the_seed(
    plan: Plan, line: str, stage: str, words: str
) -> None:
    """R131-R149, R151-R177: a part that only a task asks for, or another stage serves, is not served."""
    where = SERVED_EARLIER.get(words, stage)
    found = [e for e in enforcers(plan) if e.serves == words and e.stage == where and e.enforces]
    assert found, f"nothing in {where} enforces `{words}` of the line {line}"


def test_every_task_is_enforced_by_a_gate_of_its_stage(plan: Plan) -> None:
    for stage in plan.stages:
        attested = {gate.task for gate in stage.gates if gate.kind is GateKind.ATTESTED}
        assert {task.slug for task in stage.tasks} == attested, stage.slug


def test_pilot_s_comparison_is_measured_and_comes_before_anybody_is_on(plan: Plan) -> None:
    """R118, R136: nobody vouches for the shadow; its own pairs end it, and the same stage switches over."""
    pilot = plan.stage("pilot")
    (gate,) = [gate for gate in pilot.gates if gate.serves == "run shadow mode vs existing approvals"]
    assert gate.kind is GateKind.SHADOW_MISMATCH
    assert pilot.shadow is not None
    assert pilot.shadow.until == (gate.name,)
    assert upper_bound(0, gate.min_n or 0, gate.confidence or 0.0) <= (gate.at_most or 0.0)


def test_both_drills_pass_before_corporate_joins(plan: Plan) -> None:
    """R120."""
    drills = {gate.task for gate in plan.stage("expand").gates if gate.kind is GateKind.ATTESTED}
    first_corporate = next(s.slug for s in plan.stages if any(p.tenant == "corporate" for p in s.cohort))
    assert {"drill-rollback", "drill-recovery"} <= drills
    assert plan.index_of("expand") < plan.index_of(first_corporate)


def test_each_quotation_stands_in_the_seed(plan: Plan, seed: str) -> None:
    wrong = [e for e in enforcers(plan) if e.serves and e.serves not in seed]
    assert not wrong


@pytest.mark.parametrize("line", LINES)
def test_the_parts_make_up_the_whole_line_of_the_seed(seed: str, line: str) -> None:
    (rest,) = [text for text in seed.splitlines() if text.startswith((f"- **{line}**: ", f"- {line}: "))]
    rest = rest.removeprefix(f"- **{line}**: ").removeprefix(f"- {line}: ")
    for words in LINES[line][1]:
        assert words in rest
        rest = rest.replace(words, "", 1)
    assert not set(rest.replace("and", "")) - set(" ;,./"), f"left over: {rest!r}"


def test_the_table_can_be_printed(plan: Plan) -> None:
    rows = [
        f"{line:22} | {words:66} | {e.stage}: {e.what}"
        for line, _, words in PARTS
        for e in enforcers(plan)
        if e.serves == words
    ]
    print("\n" + "\n".join(rows))  # noqa: T201
    assert len(rows) >= len(PARTS)
