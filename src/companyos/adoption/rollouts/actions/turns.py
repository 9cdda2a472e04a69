"""What time alone changes of a flag, without a decision: a switchback's draw of a day, and a reverse shadow's end."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.flags.domain.refusals import Refused as FlagRefused
from companyos.adoption.flags.domain.types import REVERSE
from companyos.adoption.rollouts.domain.cohorts import on_today
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.shadow import is_in_shadow, reverse_until
from companyos.adoption.rollouts.domain.types import Status
from companyos.adoption.rollouts.models import Rollout
from companyos.adoption.telemetry.domain.comparison import Compares
from companyos.kernel.business_time import WorkingCalendar
from companyos.people.identity import queries as identity


def turn_day(*, actor: str, plan: str, calendar: WorkingCalendar, now: datetime) -> bool:
    """Switch an active switchback to today's draw; says whether anybody was moved."""
    with transaction.atomic():
        rollout = Rollout.objects.select_for_update().select_related("feature").get(pk=plan)
        document = Plan.from_document(rollout.document)
        shadowed = is_in_shadow(document, rollout.stage, rollout.switched_at)
        if rollout.status != Status.ACTIVE or shadowed or not _is_switchback(document, rollout.stage):
            return False
        today = now.astimezone(calendar.zone).date()
        cohort = on_today(document, document.index_of(rollout.stage), identity.everybody(), today)
        if cohort == flag_queries.cohort_of(rollout.feature.flag):
            return False
        try:
            flags.put_on(
                actor=actor,
                flag=rollout.feature.flag,
                cohort=cohort,
                because=f"the draw of {today:%a %d %b}",
                now=now,
                driver=plan,
            )
        except FlagRefused:
            return False  # killed: a person's stop is final
        return True


def end_reverse(*, actor: str, plan: str, calendar: WorkingCalendar, now: datetime) -> bool:
    """Let the old path rest once its days beside the new one are over; says whether it was still running."""
    with transaction.atomic():
        rollout = Rollout.objects.select_for_update().select_related("feature").get(pk=plan)
        document = Plan.from_document(rollout.document)
        ends = reverse_until(document, rollout.stage, rollout.switched_at, calendar)
        flag = flag_queries.state_of(rollout.feature.flag)
        is_over = rollout.status in (Status.ACTIVE, Status.PAUSED) and ends is not None and ends <= now
        if not is_over or flag is None or flag.spec.shadow_as != REVERSE or not flag.spec.shadow.slices:
            return False
        today = now.astimezone(calendar.zone).date()
        try:
            flags.put_on(
                actor=actor,
                flag=flag.spec.key,
                cohort=on_today(document, document.index_of(rollout.stage), identity.everybody(), today),
                because="the days of the old path beside the new one are over",
                now=now,
                driver=plan,
            )
        except FlagRefused:
            return False
        return True


def _is_switchback(plan: Plan, stage: str) -> bool:
    return plan.stage(stage).comparison.kind is Compares.SWITCHBACK
