"""When a rehearsal is over, and what the server says about it then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from companyos.adoption.rollouts.rehearsal.certificate import certificate_of
from companyos.adoption.rollouts.rehearsal.desk import Desk
from companyos.adoption.rollouts.rehearsal.order import (
    BASELINE_WEEKS,
    LONGEST_PLAN_WEEKS,
    DriveFailed,
    Order,
)
from companyos.adoption.rollouts.rehearsal.rollout import Rollout
from companyos.kernel.business_time import WorkingCalendar


class Ending:
    """Looks at every rollout that is seen, and says why the rehearsal ends with it."""

    def __init__(self, order: Order, calendar: WorkingCalendar) -> None:
        self._order, self._calendar = order, calendar
        self._latest = same_local_time(order, timedelta(weeks=BASELINE_WEEKS + LONGEST_PLAN_WEEKS))
        self._stopped_since: datetime | None = None
        self.because = ""

    def sees(self, rollout: Rollout, now: datetime) -> None:
        if not rollout.is_stopped:
            self._stopped_since = None
        elif self._stopped_since is None:
            self._stopped_since = now
        self.because = self._why(rollout, now)

    def _why(self, rollout: Rollout, now: datetime) -> str:
        if rollout.is_over:
            return rollout.status
        if rollout.status == "active" and rollout.stage == self._order.until_stage:
            return f"{rollout.stage} was entered"
        if now >= self._latest:
            return f"{LONGEST_PLAN_WEEKS} weeks after Prep the plan was not through"
        days = self._order.patience_days
        since = self._stopped_since
        if since and self._calendar.working_days_between(since, now) >= days:
            return f"{rollout.status} for {days} working days and nobody acted"
        return ""


async def certificate_where_completed(desk: Desk, rollout: Rollout | None, now: datetime) -> Any:
    """Let two roles say go and return the certificate; None where the rollout ended otherwise."""
    if rollout is None or rollout.status != "completed":
        return None
    return await certificate_of(desk, rollout.feature, now)


async def final_report(desk: Desk) -> dict[str, Any]:
    """Return the server's own report. Raises DriveFailed."""
    answer = await desk.get(f"/rollouts/{desk.order.plan}/report", desk.lead)
    said = answer.json() if answer.ok else None
    if not isinstance(said, dict):
        raise DriveFailed(f"The rollout's report cannot be had: {answer.status} {answer.why()}")
    return said


def same_local_time(order: Order, later: timedelta) -> datetime:
    """The start plus whole weeks by the company's own clock, whatever summer time does."""
    return (order.starts_at.astimezone(order.zone) + later).astimezone(UTC)
