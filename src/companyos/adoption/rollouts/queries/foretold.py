"""Stored forecasts: those of a rollout for its page, and those whose outcome is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.rollouts.domain.foretold import TITLES, Foretold
from companyos.adoption.rollouts.models import ForecastMade, StageRun
from companyos.kernel.stats.forecast import Calibration, Forecast


@dataclass(frozen=True, slots=True)
class Unscored:
    """A forecast that waits for its outcome. `left_at` is when its attempt ended, if it has."""

    id: int
    stage: str
    measure: str
    days: int
    entered_at: datetime
    left_at: datetime | None


def foretold(plan: str) -> tuple[Foretold, ...]:
    """Return every forecast of a rollout with its outcome, the newest first."""
    rows = ForecastMade.objects.filter(rollout_id=plan).order_by("-at", "measure")
    return tuple(_row(each) for each in rows)


def foretold_already(plan: str, stage: str, attempt: int) -> bool:
    return ForecastMade.objects.filter(rollout_id=plan, stage=stage, attempt=attempt).exists()


def unscored(plan: str) -> tuple[Unscored, ...]:
    runs = {(run.stage, run.attempt): run for run in StageRun.objects.filter(rollout_id=plan)}
    rows = ForecastMade.objects.filter(rollout_id=plan, scored_at=None).order_by("id")
    found = ((each, runs[each.stage, each.attempt]) for each in rows)
    return tuple(
        Unscored(each.pk, each.stage, each.measure, each.days, run.switched_at or run.entered_at, run.left_at)
        for each, run in found
    )


def _row(each: ForecastMade) -> Foretold:
    past = ForecastMade.objects.filter(measure=each.measure, scored_at__lte=each.at).exclude(pit=None)
    so_far = Calibration([pit for pit in past.values_list("pit", flat=True) if pit is not None])
    interval = so_far.interval(Forecast(tuple(each.draws)))
    return Foretold(
        each.stage,
        each.attempt,
        TITLES.get(each.measure, each.measure),
        each.at,
        each.days,
        interval.value,
        interval.low,
        interval.high,
        str(so_far),
        each.outcome,
        each.pit,
        each.scored_at is not None and each.outcome is None,
    )
