"""Gates over what is watched at every event: harm, its absence, and whether people are where they should be."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts.domain import guardrail
from companyos.adoption.rollouts.domain.gate_specs import GateSpec
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.did_split import AMBER_AT

Judgement = tuple[Verdict, str]


def errors_are_no_more_than_expected(
    spec: GateSpec, fact: Fact, now: datetime, due_at: datetime
) -> Judgement:
    """Watched at every event: fails at evidence 20 to 1 for harm; passes when harm is ruled out at 95 %."""
    verdict, because, _ = guardrail.judge_guardrail(fact, confirm=spec.confirm == "two_days")
    return verdict, because


def it_is_safe_to_advance(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when harm of `points` (2) is ruled out at 95 %, from 100 exposed tasks on. Never fails."""
    if fact.value is None or fact.problem:
        return Verdict.PENDING, fact.problem or "not measured yet"
    told = fact.details
    words = (
        f"{told['probability_safe']:.0%} sure that errors are at most x{told['limit']:.1f}"
        f" ({spec.points:g} points of harm) in {fact.n or 0:,} tasks"
    )
    if fact.value >= AMBER_AT:
        return Verdict.PENDING, f"{words}; evidence of harm {fact.value:.1f} to 1: advancing is stopped"
    return (Verdict.PASSED if told["safe"] else Verdict.PENDING), f"{words}; needs 95 %"


def people_are_where_the_plan_put_them(
    spec: GateSpec, fact: Fact, now: datetime, due_at: datetime
) -> Judgement:
    """Passes when the roster of whole teams, or the sample ratio of drawn people (SRM), is right; else holds."""
    if fact.value is None:
        return Verdict.PENDING, fact.problem or "nobody was met yet"
    if fact.problem:
        return Verdict.INCONCLUSIVE, f"decisions are suspended: {fact.problem}"
    return Verdict.PASSED, f"{fact.n or 0:,} tasks on the new path, by the people of the plan"
