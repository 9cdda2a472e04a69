"""A rollout at one moment, as the rules see it. The only place that puts a live situation together."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from companyos.adoption.flags import queries as flags
from companyos.adoption.rollouts.domain.decide import Situation
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.types import Gate, Status
from companyos.adoption.rollouts.queries.policies import frozen


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


def situation_of(
    rollout: Standing, *, plan: Plan, flag: str, gates: tuple[Gate, ...], now: datetime
) -> Situation:
    """Return what the rules are asked about: the rollout, its gates as just judged, kills and freezes."""
    return Situation(
        Status(rollout.status),
        rollout.stage,
        plan.is_last(rollout.stage),
        gates,
        rollout.stopped_because,
        rollout.paused_by,
        flags.killed_because(flag),
        frozen(now),
    )
