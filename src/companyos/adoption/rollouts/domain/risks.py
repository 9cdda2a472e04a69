"""The risk/rollback matrix (R128): rows that hold, take back or page when a live value stands beyond its limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec, RiskSpec
from companyos.adoption.rollouts.domain.plan import Plan, Reach
from companyos.adoption.rollouts.domain.types import Gate, Verdict
from companyos.kernel.evidence import Fact


def a_row_of_the_matrix_is_hit(
    spec: GateSpec, fact: Fact, now: datetime, due_at: datetime
) -> tuple[Verdict, str]:
    """Fails when the value, with the whole of its interval, stands beyond the row's limit."""
    limit = spec.at_most if spec.at_most is not None else spec.at_least
    if fact.value is None or limit is None:
        return Verdict.PENDING, f"{fact.problem or 'no data'}; hit when {spec.comparator} {limit}"
    wanted = f"hit when {spec.comparator} {_shown(limit, fact.unit)}"
    words = f"{_shown(fact.value, fact.unit)}{_interval(fact)}, n = {fact.n or 0}; {wanted}"
    if (fact.n or 0) < (spec.min_n or 0):
        return Verdict.PASSED, f"{words}, from n = {spec.min_n} on"
    if all(stands(spec.comparator, each, limit) for each in _ends(fact)):
        return Verdict.FAILED, words
    return Verdict.PASSED, words


def hit_when(risk: RiskSpec) -> str:
    """Say in words from where on a row is hit: below 95 %, above 4,000 ms, at least 3."""
    words = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}[risk.comparator]
    if risk.metric.endswith("_ms"):
        return f"{words} {risk.value:,.0f} ms"
    return f"{words} {risk.value * 100:g} %" if 0 < risk.value < 1 else f"{words} {risk.value:g}"


def stands(comparator: str, value: float, limit: float) -> bool:
    """Tell whether `value` stands so to `limit`. KeyError for an unknown comparator."""
    return {
        ">": value > limit,
        ">=": value >= limit,
        "<": value < limit,
        "<=": value <= limit,
    }[comparator]


def reach_of(plan: Plan, gates: Sequence[Gate]) -> Reach:
    """Return how far a breach takes back: everything when a row that was hit says so, else as the plan says."""
    hit = [
        gate for gate in gates if gate.verdict is Verdict.FAILED and gate.rolls_back and gate.is_in_the_way
    ]
    told = {gate.reach for gate in hit if gate.reach}
    if Reach.EVERYTHING in told:
        return Reach.EVERYTHING
    return Reach.STAGE if told and all(gate.reach for gate in hit) else plan.rolls_back


def pages(gates: Sequence[Gate], before: Sequence[Gate]) -> tuple[Gate, ...]:
    """Return the rows that page somebody now: hit, on page only, and not hit a reading ago."""
    were = {gate.name for gate in before if gate.verdict is Verdict.FAILED}
    return tuple(
        gate
        for gate in gates
        if gate.kind == GateKind.RISK
        and gate.dry_run
        and gate.verdict is Verdict.FAILED
        and gate.name not in were
    )


def _ends(fact: Fact) -> tuple[float, ...]:
    return tuple(each for each in (fact.value, fact.low, fact.high) if each is not None)


def _interval(fact: Fact) -> str:
    if fact.low is None or fact.high is None:
        return ""
    return f" ({_shown(fact.low, fact.unit)} to {_shown(fact.high, fact.unit)})"


def _shown(value: float, unit: str) -> str:
    return f"{value:.2%}" if unit == "share" else f"{value:.4g}"
