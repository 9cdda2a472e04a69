"""Decisions and the evidence they rest on, as they were frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from companyos.adoption.rollouts.domain.board import DecisionRow, EvidenceLink
from companyos.adoption.rollouts.domain.types import Gate, Move
from companyos.adoption.rollouts.models import DecisionRecord, EvidenceRecord
from companyos.adoption.rollouts.queries.state import gate_from
from companyos.people.identity import queries as identity

_TITLES = {
    Move.START: "Started",
    Move.SWITCH_OVER: "Switched over",
    Move.ADVANCE: "Advanced",
    Move.COMPLETE: "Ready for external GA",
    Move.PAUSE: "Paused",
    Move.RESUME: "Resumed",
    Move.ROLL_BACK: "Taken back",
    Move.KILL: "Killed",
}


@dataclass(frozen=True, slots=True)
class DecisionFound:
    """One decision with its gates as judged then."""

    row: DecisionRow
    gates: tuple[Gate, ...]
    plan: str
    stage: str
    version: int
    plan_sha256: str


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """A frozen fact and the decisions that rest on it."""

    id: str
    name: str
    at: datetime
    sha256: str
    body: Mapping[str, Any]
    used_by: tuple[DecisionRow, ...]


def decision_found(decision_id: str) -> DecisionFound | None:
    each = DecisionRecord.objects.filter(pk=decision_id).first()
    if each is None:
        return None
    ids = {link["gate"]: link["id"] for link in each.evidence}
    gates = tuple(replace(gate, evidence=ids.get(gate.name)) for gate in map(gate_from, each.gates))
    return DecisionFound(
        decision_row(each), gates, each.rollout_id, each.stage, each.version, each.plan_sha256
    )


def evidence_found(evidence_id: str) -> EvidenceFound | None:
    found = EvidenceRecord.objects.filter(pk=evidence_id).first()
    if found is None:
        return None
    same_moment = DecisionRecord.objects.filter(at=found.at).order_by("version")
    used_by = [each for each in same_moment if any(link["id"] == str(found.id) for link in each.evidence)]
    rows = tuple(decision_row(each) for each in used_by)
    return EvidenceFound(str(found.id), found.name, found.at, found.sha256, found.body, rows)


def decisions_of(plan: str) -> list[DecisionRecord]:
    """Return every decision of a rollout, the oldest first; for this room's own queries."""
    return list(DecisionRecord.objects.filter(rollout_id=plan).order_by("version"))


def decision_row(each: DecisionRecord) -> DecisionRow:
    return DecisionRow(
        str(each.id),
        each.at,
        Move(each.move),
        _TITLES[Move(each.move)],
        each.because,
        each.rule,
        "Controller" if each.actor == "controller" else identity.name_of(each.actor),
        tuple(EvidenceLink(link["gate"], link["id"], link["sha256"]) for link in each.evidence),
    )
