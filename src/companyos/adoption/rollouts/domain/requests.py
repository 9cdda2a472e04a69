"""What people decide about a rollout by requests: how each is named, and when an approval is all that is missing."""

from __future__ import annotations

from collections.abc import Sequence

from companyos.adoption.rollouts.domain.gate_specs import GateKind
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.types import Gate, Verdict

STAGE, EXEMPTION = "rollout.stage:", "rollout.exemption:"
_LONGEST = 4_000


def about_stage(plan: str, stage: str, attempt: int) -> str:
    return f"{STAGE}{plan}/{stage}/{attempt}"


def about_exemption(exemption: str) -> str:
    return f"{EXEMPTION}{exemption}"


def only_approval_is_missing(gates: Sequence[Gate]) -> bool:
    """Tell whether every gate but approvals passed: now it is worth a person's time."""
    missing = [gate for gate in gates if gate.is_in_the_way and gate.verdict is not Verdict.PASSED]
    return bool(missing) and all(
        gate.kind == GateKind.APPROVAL and gate.verdict is Verdict.PENDING for gate in missing
    )


def holders_for(plan: Plan, stage: str) -> dict[str, str]:
    """Return who holds each role that the stage's gates ask to approve it."""
    roles = [role for gate in plan.stage(stage).gates for role in gate.roles]
    held = dict(plan.roles)
    return {role: held[role] for role in dict.fromkeys(roles) if role in held}


def in_words(gates: Sequence[Gate]) -> str:
    """Say how each gate stands, for whoever is asked; their evidence is a link away on the board."""
    lines = [
        f"{gate.title or gate.name}: {gate.verdict}, {gate.because}" for gate in gates if gate.kind != "risk"
    ]
    return "\n".join(lines)[:_LONGEST]
