"""Which stages were entered when, over all rollouts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.types import StageState
from companyos.adoption.rollouts.models import StageRun


@dataclass(frozen=True, slots=True)
class Entered:
    """A stage of a plan that switched a feature on for somebody."""

    feature: str
    plan: str
    title: str
    at: datetime
    people: int


def entered_since(since: datetime) -> tuple[Entered, ...]:
    """Return what was switched on since a moment and was not taken back by its stage, the newest first."""
    rows = StageRun.objects.filter(entered_at__gte=since).exclude(state=StageState.ROLLED_BACK)
    return tuple(
        Entered(
            run.rollout.feature_id,
            run.rollout_id,
            Plan.from_document(run.rollout.document).stage(run.stage).title,
            run.entered_at,
            run.people,
        )
        for run in rows.select_related("rollout").order_by("-entered_at", "-id")
    )


def attempts_at(plan: str, stage: str) -> int:
    """Return how often a rollout has entered a stage."""
    return StageRun.objects.filter(rollout_id=plan, stage=stage).count()
