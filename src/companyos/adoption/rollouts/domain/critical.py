"""May a critical workflow change without its two paths having run side by side? (R118, P16)"""

from __future__ import annotations

from datetime import date

from companyos.adoption.rollouts.domain.gate_specs import GateKind
from companyos.adoption.rollouts.domain.plan import Plan

MOVES = {
    "finance": "money",
    "procurement": "money",
    "it": "access",
    "hr": "personal data",
    "customers": "personal data",
}
_BOTH = 2
_SHADOW = "add `shadow: {until: [GATE]}` to a stage, with a gate of kind shadow_mismatch"
_EXEMPT = "`without_shadow: {by: [two people], why: ..., until: a day}`"


def why_critical(plan: Plan, *, declared: bool) -> str:
    """Say why a plan changes a critical workflow: declared so, or by the data its stages carry; empty: it does not."""
    if declared:
        return "its feature is declared critical"
    moved = {
        MOVES[domain]: domain for stage in plan.stages for domain in stage.data_domains if domain in MOVES
    }
    return "; ".join(f"it moves {what} ({domain})" for what, domain in sorted(moved.items()))


def why_refused(plan: Plan, *, declared: bool, today: date) -> str:
    """Say why the plan cannot be used, and what would repair it; empty when it can."""
    because = why_critical(plan, declared=declared)
    if not because or any(_compares(plan, index) for index in range(len(plan.stages))):
        return ""
    exempt = plan.without_shadow
    repairs = f"{_SHADOW}, or exempt it: {_EXEMPT}"
    if exempt is None:
        return f"it changes a critical workflow ({because}), and no stage runs both paths in shadow. Repairs: {repairs}"
    if len(set(exempt.by)) < _BOTH:
        return f"its exemption from shadow is one person's; name two in `without_shadow.by`, or {_SHADOW}"
    if date.fromisoformat(exempt.until) < today:
        return f"its exemption from shadow ended on {exempt.until}; renew it with a reason, or {_SHADOW}"
    return ""


def _compares(plan: Plan, index: int) -> bool:
    stage = plan.stages[index]
    mismatch = {
        gate.name for gate in stage.gates if gate.kind is GateKind.SHADOW_MISMATCH and not gate.dry_run
    }
    return stage.shadow is not None and bool(mismatch & set(stage.shadow.until))
