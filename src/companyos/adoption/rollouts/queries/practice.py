"""What a game of practice is drawn from in this company: its directory, and work as measured lately."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.foretelling.sources import Played, to_practise_on
from companyos.adoption.rollouts.queries.plan_checks import plan_check
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants

_WEEK = 5  # working days


def work_lately(plan: str, *, now: datetime) -> tuple[float, float]:
    """Return tasks of a person on a working day, and the share that fails. Raises KeyError for an unknown rollout."""
    found = plan_check(plan, now=now, told={})
    if found is None:
        raise KeyError(plan)
    setting = found[0].setting
    return setting.cases_a_week / setting.headcount / _WEEK, setting.error_rate


def played_company(plan: Plan, *, tasks_a_day: float, error_rate: float) -> Played:
    """Return the company of a game; its people are those of the directory."""
    production = frozenset(tenants.production_tenants())
    return to_practise_on(
        plan, identity.everybody(), production, tasks_a_day=tasks_a_day, error_rate=error_rate
    )
