"""When each stage of a rollout is to begin, planned and expected; freezes that are set count."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts.domain.moves import Row
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.schedule import Planned, Window, schedule
from companyos.adoption.rollouts.models import Freeze, Rollout, StageRun
from companyos.kernel.business_time import WorkingCalendar


def dates_of(rollout: Rollout, plan: Plan, calendar: WorkingCalendar, now: datetime) -> tuple[Planned, ...]:
    entered = {
        run.stage: run.entered_at for run in StageRun.objects.filter(rollout=rollout).order_by("-attempt")
    }
    freezes = Freeze.objects.filter(until__gt=now, lifted_at=None)
    windows = [Window(each.since, each.until) for each in freezes]
    return schedule(plan, Row.of(rollout), entered=entered, calendar=calendar, freezes=windows, now=now)
