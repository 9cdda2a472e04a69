"""The count rule: where a company is too small to prove a figure, the plain figure may decide, and is shown as a count.

It is asked only when the stage's time is over and the gate's own rule has found no answer.
"""

from __future__ import annotations

from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.did_split import AMBER_AT

A_COUNT = "a count, not a proof"


def a_count_decides(spec: GateSpec, fact: Fact, because: str) -> tuple[Verdict, str]:
    """Passes or fails by the figure as it stands, from `count` tasks, people or answers on."""
    n, least = fact.n or 0, spec.count or 0
    if fact.value is None or n < least:
        return Verdict.PENDING, f"{because}; {n} counted, {least} would decide"
    if spec.kind is GateKind.GUARDRAIL:
        return _quiet_enough(fact, because)
    meets = _meets(spec, fact.value)
    return (Verdict.PASSED if meets else Verdict.FAILED), f"{because}; {A_COUNT}"


def _quiet_enough(fact: Fact, because: str) -> tuple[Verdict, str]:
    """A guardrail passes by count while neither comparison is amber; it never fails by count."""
    strongest = max(fact.value or 0.0, float(fact.details.get("own_evidence", 0.0)))
    if strongest >= AMBER_AT:
        return Verdict.PENDING, because
    return Verdict.PASSED, f"{because}; no sign of harm in {fact.n} tasks: {A_COUNT}"


def _meets(spec: GateSpec, value: float) -> bool:
    if spec.at_least is not None:
        return value >= spec.at_least
    return value <= (spec.at_most if spec.at_most is not None else 0.0)
