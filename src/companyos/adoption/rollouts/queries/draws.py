"""Whose side was decided by lot at each stage that a feature has lived through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from companyos.adoption.rollouts.domain.cohorts import decided_by_lot
from companyos.adoption.rollouts.models import Rollout, StageRun
from companyos.adoption.rollouts.queries import cohorts
from companyos.adoption.telemetry.domain.comparison import Comparison
from companyos.people.identity import queries as identity


@dataclass(frozen=True, slots=True)
class StageDraw:
    """The latest attempt at a stage; `people` are those whose side its lot decides, as the directory is now."""

    plan: str
    title: str
    comparison: Comparison
    since: datetime
    until: datetime | None
    people: frozenset[str]


def stage_draws(feature: str) -> tuple[StageDraw, ...]:
    """Return the stages of a feature's rollouts that have begun, in their order."""
    found: list[StageDraw] = []
    everybody = identity.everybody()
    for row in Rollout.objects.filter(feature=feature).order_by("plan"):
        plan = cohorts.plan(row.plan_sha256, partial(_document, row))
        latest = {run.stage: run for run in StageRun.objects.filter(rollout=row).order_by("attempt")}
        for index, stage in enumerate(plan.stages):
            if run := latest.get(stage.slug):
                since = run.switched_at or run.entered_at
                found.append(
                    StageDraw(
                        row.plan,
                        stage.title,
                        stage.comparison,
                        since,
                        run.left_at,
                        decided_by_lot(plan, index, everybody),
                    )
                )
    return tuple(found)


def _document(row: Rollout) -> dict[str, Any]:
    document: dict[str, Any] = row.document
    return document
