"""What is written down of a move: the decision with its frozen evidence, and what everybody who listens is told."""

from __future__ import annotations

from dataclasses import asdict

from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.rollouts.actions.step import Step
from companyos.adoption.rollouts.domain.replay import BY_A_PERSON
from companyos.adoption.rollouts.domain.types import Move
from companyos.adoption.rollouts.models import (
    DecisionRecord,
    EvidenceRecord,
    PlanVersion,
    Propagated,
)
from companyos.adoption.rollouts.queries.plan_dates import dates_of
from companyos.kernel.evidence import Fact
from companyos.kernel.ids import id_of
from companyos.platform import outbox


def record(step: Step, version: int) -> str:
    """Write the decision with its frozen evidence and tell the listeners."""
    evidence = [_freeze(step, name, fact) for name, fact in sorted(step.judged.facts.items())]
    if step.ruleset is not None:
        evidence.append(_freeze(step, "cohort", flag_queries.cohort_fact(step.flag, step.ruleset)))
    decision_id = id_of(step.now, "decision", step.rollout.plan, version)
    PlanVersion.objects.get_or_create(
        sha256=step.rollout.plan_sha256, defaults={"document": step.rollout.document}
    )
    DecisionRecord.objects.create(
        id=decision_id,
        rollout=step.rollout,
        version=version,
        at=step.now,
        move=step.decision.move,
        rule=step.decision.rule,
        because=step.decision.because,
        actor=step.actor,
        stage=step.row.stage,
        attempt=step.row.attempt,
        plan_sha256=step.rollout.plan_sha256,
        before=step.before,
        gates=[asdict(gate) for gate in step.judged.gates],
        evidence=evidence,
        ruleset_version=step.ruleset,
        people=step.people_moved,
    )
    if step.ruleset is not None:
        Propagated.objects.create(
            version=step.ruleset,
            decision=decision_id,
            people=step.people_moved,
            providers=flag_queries.propagation(now=step.now).providers,
        )
    if step.decision.move is Move.PAUSE and step.decision.rule != BY_A_PERSON:
        told = {"rollout": step.rollout.plan, "to": step.plan.lead, "because": step.decision.because}
        outbox.publish("rollout.paged", told, at=step.now)
    outbox.publish("rollout.moved", {"rollout": step.rollout.plan, "move": step.decision.move}, at=step.now)
    _say_what_slipped(step)
    return str(decision_id)


def _say_what_slipped(step: Step) -> None:
    """A move that changes when later stages begin says so, with the new dates."""
    for name, value in asdict(step.row).items():
        setattr(step.rollout, name, value)
    late = [
        {"stage": each.stage, "expected": each.expected.isoformat(), "late": each.late}
        for each in dates_of(step.rollout, step.plan, step.calendar, step.now)
        if not each.entered and each.late > 0
    ]
    if late:
        outbox.publish("rollout.replanned", {"rollout": step.rollout.plan, "stages": late}, at=step.now)


def _freeze(step: Step, gate: str, fact: Fact) -> dict[str, str]:
    evidence_id = id_of(step.now, "evidence", gate, fact.sha256)
    EvidenceRecord.objects.get_or_create(
        id=evidence_id,
        defaults={"name": fact.name, "sha256": fact.sha256, "at": step.now, "body": asdict(fact)},
    )
    return {"gate": gate, "name": fact.name, "id": str(evidence_id), "sha256": fact.sha256}
