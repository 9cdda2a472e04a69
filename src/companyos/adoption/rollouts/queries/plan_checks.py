"""What a plan can learn in this company: who joins from the directory, work and errors as measured lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.plan_check import PlanCheck, check
from companyos.adoption.rollouts.domain.setting import CASES_OF_A_PERSON, Setting, crowds_of, scaled
from companyos.adoption.rollouts.models import Rollout
from companyos.adoption.telemetry import queries as telemetry
from companyos.adoption.telemetry.queries import Span
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform.instance import instance

LOOKS_BACK = timedelta(weeks=4)
_FEWEST_TASKS = 200  # below these an error rate says nothing
_RATES = 0.001, 0.3


def plan_check(plan: str, *, now: datetime, told: Mapping[str, float]) -> tuple[PlanCheck, str] | None:
    """Check a rollout's plan, with `told` in place of what is measured; says where the figures come from.

    `told` may name headcount, cases_a_week, response and error_rate. None for an unknown rollout; ValueError for
    figures that no company has.
    """
    row = Rollout.objects.filter(pk=plan).first()
    if row is None:
        return None
    document, people = Plan.from_document(row.document), identity.everybody()
    measured, source = _measured(row.feature_id, len(people), now)
    headcount = int(told.get("headcount", len(people)))
    setting = replace(
        measured,
        headcount=headcount,
        cases_a_week=told.get("cases_a_week", measured.cases_a_week * headcount / max(1, len(people))),
        response=told.get("response", measured.response),
        error_rate=told.get("error_rate", measured.error_rate),
    )
    return check(document, scaled(crowds_of(document, people), headcount), setting), source


def _measured(feature: str, headcount: int, now: datetime) -> tuple[Setting, str]:
    """Return what the last four weeks say of both paths; where they say too little, a stated guess."""
    everywhere, since = tuple(sorted(tenants.titles())), now - LOOKS_BACK
    spans = [Span(feature, everywhere, since, now, path=path) for path in ("existing", "unified")]
    guess = Setting(max(1, headcount), CASES_OF_A_PERSON * max(1, headcount))
    tasks = sum(telemetry.totals(span, settled_before=now).tasks for span in spans)
    if tasks < _FEWEST_TASKS:
        said = f"{tasks} tasks in four weeks are too few to measure from"
        return guess, f"{said}: {CASES_OF_A_PERSON:.0f} a week are assumed of each person"
    failed = sum(telemetry.error_sessions(span, instance().calendar.zone) for span in spans)
    low, high = _RATES
    rate = min(high, max(low, failed / tasks))
    return (
        replace(guess, cases_a_week=tasks / 4, error_rate=rate),
        f"measured: {tasks} tasks in the last four weeks, on either path, {failed} error sessions",
    )
