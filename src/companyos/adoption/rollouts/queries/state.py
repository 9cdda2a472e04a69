"""A rollout as the controller sees it, and its gates as last judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from companyos.adoption.features.domain.states import OVER
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.shadow import is_in_shadow
from companyos.adoption.rollouts.domain.types import Gate, Status, Verdict
from companyos.adoption.rollouts.models import GateReading, Rollout, StageRun
from companyos.adoption.rollouts.queries import cohorts
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import PersonRow
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
    entered_at: datetime  # since when its people are on: after a shadow, since they were switched over
    first_entered_at: datetime
    due_at: datetime
    production_since: datetime | None
    people: frozenset[str]
    newly_on: frozenset[str]
    paused_by: str
    stopped_because: str
    flag: str
    held_back: frozenset[str] = frozenset()  # of the stage, and not drawn
    began_at: datetime | None = None  # the stage, in shadow or not
    switched_at: datetime | None = None

    @property
    def in_shadow(self) -> bool:
        return is_in_shadow(self.plan, self.stage, self.switched_at)


@dataclass(frozen=True, slots=True)
class _Around:
    """What every rollout's state needs of the company, read once."""

    people: tuple[PersonRow, ...]
    production: frozenset[str]
    first_entered: Mapping[tuple[str, str], datetime]  # by (rollout, stage)


def running() -> tuple[State, ...]:
    """Return what the controller looks at: what runs or is paused, and what a feature that is over leaves behind."""
    ended = Q(status=Status.ROLLED_BACK, feature__state__in=OVER)
    rows = _read(
        Rollout.objects.filter(Q(status__in=_RUNNING) | ended).select_related("feature").order_by("plan")
    )
    around = _around(StageRun.objects.filter(rollout__in=[row.plan for row in rows]))
    return tuple(_state(row, around) for row in rows)


def _read(wanted: QuerySet[Rollout]) -> list[Rollout]:
    """Read rollouts without the documents of plans that are known: a thousand take longer than all their gates."""
    rows = list(wanted.defer("document"))
    unknown = [row.plan for row in rows if not cohorts.knows(row.plan_sha256)]
    whole = {row.plan: row for row in wanted.filter(pk__in=unknown)} if unknown else {}
    return [whole.get(row.plan, row) for row in rows]


def state(plan: str) -> State | None:
    """Return the state of a rollout that has begun; None for one that has not, or is unknown."""
    row = Rollout.objects.filter(pk=plan).select_related("feature").first()
    if row is None or not row.stage:
        return None
    return _state(row, _around(StageRun.objects.filter(rollout=row)))


def production_since(feature: str) -> datetime | None:
    """Return when a feature was first on in a production tenant, by any of its rollouts."""
    rows = list(Rollout.objects.filter(feature=feature))
    around = _around(StageRun.objects.filter(rollout__in=rows))
    found = [_production_since(row.plan, _plan_of(row), around) for row in rows]
    return min(filter(None, found), default=None)


def where(plan: str) -> tuple[str, int] | None:
    """Return the stage a rollout is in (empty before its start) and the attempt at it."""
    return Rollout.objects.filter(pk=plan).values_list("stage", "attempt").first()


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


def _around(runs: QuerySet[StageRun]) -> _Around:
    first: dict[tuple[str, str], datetime] = {}
    for rollout, stage, entered in runs.order_by("attempt").values_list("rollout_id", "stage", "entered_at"):
        first.setdefault((rollout, stage), entered)
    return _Around(cohorts.same(identity.everybody()), frozenset(tenants.production_tenants()), first)


def _plan_of(row: Rollout) -> Plan:
    return cohorts.plan(row.plan_sha256, lambda: row.document)


def _state(row: Rollout, around: _Around) -> State:
    if row.entered_at is None or row.due_at is None:
        raise LookupError(f"The rollout {row.plan} has not entered a stage.")
    plan = _plan_of(row)
    at = cohorts.at(row.plan_sha256, plan, plan.index_of(row.stage), around.people)
    return State(
        plan,
        row.feature_id,
        row.feature.owner_id,
        row.version,
        Status(row.status),
        row.stage,
        row.attempt,
        row.switched_at or row.entered_at,
        around.first_entered.get((row.plan, row.stage), row.entered_at),
        row.due_at,
        _production_since(row.plan, plan, around),
        at.on,
        at.newly_on,
        row.paused_by,
        row.stopped_because,
        row.feature.flag,
        at.held_back,
        row.entered_at,
        row.switched_at,
    )


def _production_since(rollout: str, plan: Plan, around: _Around) -> datetime | None:
    """Return when the feature was first on in a production tenant: sprints count from there (P3)."""
    for stage in plan.stages:
        if any(part.tenant in around.production for part in stage.cohort):
            return around.first_entered.get((rollout, stage.slug))
    return None
