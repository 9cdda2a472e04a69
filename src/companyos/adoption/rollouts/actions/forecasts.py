"""Keeping what was foretold, and what then happened. A forecast is never changed; it is scored once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

from companyos.adoption.rollouts.models import ForecastMade
from companyos.kernel.stats.forecast import Forecast


def keep_forecast(
    *,
    plan: str,
    stage: str,
    attempt: int,
    measure: str,
    days: int,
    draws: Sequence[float],
    basis: Mapping[str, Any],
    now: datetime,
) -> None:
    """Store a forecast once; a second one of the same attempt and measure changes nothing."""
    ForecastMade.objects.get_or_create(
        rollout_id=plan,
        stage=stage,
        attempt=attempt,
        measure=measure,
        defaults={"at": now, "days": days, "draws": list(draws), "basis": dict(basis)},
    )


def score_forecast(*, forecast_id: int, outcome: float | None, now: datetime) -> None:
    """Note what came. `outcome` is None when it can never be known, as of a stage that was taken back early."""
    row = ForecastMade.objects.get(pk=forecast_id)
    lot = Random(forecast_id)  # noqa: S311 - ties are broken by lot, not in secret
    pit = None if outcome is None else Forecast(tuple(row.draws)).pit(outcome, lot)
    ForecastMade.objects.filter(pk=forecast_id, scored_at=None).update(
        outcome=outcome, pit=pit, scored_at=now
    )
