"""A rollout as the controller sees it, and its gates as last judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.cohorts import cohort_at, held_back_at
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.types import Gate, Status, Verdict
from companyos.adoption.rollouts.models import GateReading, Rollout, StageRun
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants

_RUNNING = (Status.ACTIVE, Status.PAUSED)


@dataclass(frozen=True, slots=True)
class State:
    """A rollout as the controller sees it."""

    plan: Plan
    feature: str
    owner: str
    version: int
    status: Status
    stage: str
    attempt: int
    entered_at: datetime
    first_entered_at: datetime
    due_at: datetime
    production_since: datetime | None
    people: frozenset[str]
    newly_on: frozenset[str]
    paused_by: str
    stopped_because: str
    flag: str
    held_back: frozenset[str] = frozenset()  # of the stage, and not drawn


def running() -> tuple[State, ...]:
    rows = Rollout.objects.filter(status__in=_RUNNING).select_related("feature").order_by("plan")
    return tuple(_state(row) for row in rows)


def state(plan: str) -> State | None:
    """Return the state of a rollout that has begun; None for one that has not, or is unknown."""
    row = Rollout.objects.filter(pk=plan).select_related("feature").first()
    return _state(row) if row and row.stage else None


def version_of(plan: str) -> int | None:
    return Rollout.objects.filter(pk=plan).values_list("version", flat=True).first()


def plan_of(plan: str) -> Plan | None:
    document = Rollout.objects.filter(pk=plan).values_list("document", flat=True).first()
    return Plan.from_document(document) if document else None


def plans() -> tuple[tuple[str, str, str, str], ...]:
    """Return (plan, feature, status, stage) of every rollout."""
    return tuple(Rollout.objects.order_by("plan").values_list("plan", "feature_id", "status", "stage"))


def latest_gates(plan: str, stage: str, attempt: int) -> tuple[Gate, ...]:
    """Return the gates as last judged, in the plan's order."""
    newest = (
        GateReading.objects.filter(rollout_id=plan, stage=stage, attempt=attempt)
        .order_by("-at")
        .values_list("at", flat=True)
        .first()
    )
    if newest is None:
        return ()
    rows = GateReading.objects.filter(rollout_id=plan, stage=stage, attempt=attempt, at=newest)
    return tuple(gate_from(row.body) for row in rows.order_by("id"))


def gate_from(body: Mapping[str, Any]) -> Gate:
    return Gate(**{**body, "verdict": Verdict(body["verdict"])})


def _state(row: Rollout) -> State:
    if row.entered_at is None or row.due_at is None:
        raise LookupError(f"The rollout {row.plan} has not entered a stage.")
    plan = Plan.from_document(row.document)
    index, people = plan.index_of(row.stage), identity.everybody()
    on = people_of(cohort_at(plan, index, people))
    before = people_of(cohort_at(plan, index - 1, people)) if index else frozenset()
    return State(
        plan,
        row.feature_id,
        row.feature.owner_id,
        row.version,
        Status(row.status),
        row.stage,
        row.attempt,
        row.entered_at,
        _first_entered(row.plan, row.stage) or row.entered_at,
        row.due_at,
        _production_since(row.plan, plan),
        on,
        on - before,
        row.paused_by,
        row.stopped_because,
        row.feature.flag,
        held_back_at(plan, index, people),
    )


def _first_entered(plan: str, stage: str) -> datetime | None:
    return (
        StageRun.objects.filter(rollout_id=plan, stage=stage)
        .order_by("attempt")
        .values_list("entered_at", flat=True)
        .first()
    )


def _production_since(rollout: str, plan: Plan) -> datetime | None:
    """Return when the feature was first on in a production tenant: sprints count from there (P3)."""
    production = tenants.production_tenants()
    for stage in plan.stages:
        if any(part.tenant in production for part in stage.cohort):
            return _first_entered(rollout, stage.slug)
    return None
