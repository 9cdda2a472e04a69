"""A rollout at one moment, as the rules see it. The only place that puts a live situation together."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from companyos.adoption.features import queries as features
from companyos.adoption.flags import queries as flags
from companyos.adoption.rollouts.domain.decide import Situation
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.shadow import shadowed_until
from companyos.adoption.rollouts.domain.types import Gate, Status
from companyos.adoption.rollouts.queries.policies import Holding, frozen, held_and_over, open_sev1


class Standing(Protocol):
    """A rollout's row, or its state as the controller reads it."""

    @property
    def status(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def stopped_because(self) -> str: ...
    @property
    def paused_by(self) -> str: ...
    @property
    def switched_at(self) -> datetime | None: ...


def situation_of(
    rollout: Standing,
    *,
    plan: Plan,
    flag: str,
    gates: tuple[Gate, ...],
    now: datetime,
    holds: Holding | None = None,
) -> Situation:
    """Return what the rules are asked about: the rollout, its gates as just judged, stops, Sev1 and freezes.

    `holds` is what was read once for many rollouts; None: it is read now.
    """
    killed = flags.killed_because(flag) if holds is None else holds.killed.get(flag, "")
    sev1 = open_sev1(plan.feature, now) if holds is None else ", ".join(holds.sev1.get(plan.feature, ()))
    stopped = (features.stopped() if holds is None else holds.features).get(plan.feature)
    return Situation(
        Status(rollout.status),
        rollout.stage,
        plan.is_last(rollout.stage),
        gates,
        rollout.stopped_because,
        rollout.paused_by,
        killed,
        sev1,
        frozen(now) if holds is None else holds.frozen,
        shadowed_until(plan, rollout.stage, rollout.switched_at),
        *held_and_over(stopped),
    )
