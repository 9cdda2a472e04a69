"""Stored decisions, read back as they were frozen and asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.rollouts.domain.decide import Situation
from companyos.adoption.rollouts.domain.gate_specs import GateSpec
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.replay import Frozen, Replay, replay
from companyos.adoption.rollouts.domain.shadow import shadowed_until
from companyos.adoption.rollouts.domain.types import Move, Status
from companyos.adoption.rollouts.models import DecisionRecord, EvidenceRecord, PlanVersion
from companyos.adoption.rollouts.queries.state import gate_from
from companyos.kernel.evidence import Fact


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision and what replaying it gave."""

    id: str
    plan: str
    at: datetime
    move: str
    replay: Replay


def replay_all(plan: str = "") -> tuple[Replayed, ...]:
    """Replay every stored decision, of one rollout or of all, the oldest first."""
    rows = DecisionRecord.objects.order_by("at", "rollout_id", "version")
    rows = rows.filter(rollout_id=plan) if plan else rows
    return tuple(
        Replayed(str(row.id), row.rollout_id, row.at, row.move, _replayed(row)) for row in rows.iterator()
    )


def replay_of(decision_id: str) -> Replay | None:
    row = DecisionRecord.objects.filter(pk=decision_id).first()
    return _replayed(row) if row else None


def _replayed(row: DecisionRecord) -> Replay:
    document = PlanVersion.objects.filter(pk=row.plan_sha256).values_list("document", flat=True).first()
    if document is None:
        return Replay(("the plan it was judged by is gone",))
    return replay(_frozen(row, Plan.from_document(document)))


def _frozen(row: DecisionRecord, plan: Plan) -> Frozen:
    before, stage = row.before, row.before["stage"]
    switched = before.get("switched_at")
    specs: tuple[GateSpec, ...] = plan.gates_of(stage) if stage else ()
    kept = EvidenceRecord.objects.filter(pk__in=[link["id"] for link in row.evidence])
    bodies = {str(each.id): each.body for each in kept}
    found = {link["gate"]: bodies.get(link["id"]) for link in row.evidence}
    return Frozen(
        row.at,
        Move(row.move),
        row.rule,
        row.because,
        Situation(
            Status(before["status"]),
            stage,
            plan.is_last(stage),
            tuple(gate_from(body) for body in row.gates),
            before["stopped_because"],
            before["paused_by"],
            before.get("flag_killed", ""),
            before.get("sev1", ""),
            before.get("frozen", ""),
            shadowed_until(plan, stage, datetime.fromisoformat(switched) if switched else None),
            before.get("feature_held", ""),
            before.get("feature_over", ""),
        ),
        datetime.fromisoformat(before["due_at"]) if before["due_at"] else None,
        specs,
        {gate: Fact(**body) for gate, body in found.items() if body is not None},
        {link["gate"]: link["sha256"] for link in row.evidence},
    )
