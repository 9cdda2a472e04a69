"""A rollout moves its flag: exactly these people are on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from companyos.adoption.flags.actions.saving import flag_at, save
from companyos.adoption.flags.domain.change import Step
from companyos.adoption.flags.domain.refusals import Refused
from companyos.adoption.flags.domain.types import SHADOW, Cohort, FlagState, explicit, people_of
from companyos.adoption.flags.models import Flag

NO_COHORT: Cohort = {}


def put_on(
    *,
    actor: str,
    flag: str,
    cohort: Cohort,
    because: str,
    now: datetime,
    driver: str = "",
    shadow: Cohort = NO_COHORT,
    shadow_as: str = SHADOW,
) -> int:
    """Make `cohort` exactly who is on and return the new ruleset version. The caller holds the transaction.

    `shadow` are those for whom both paths run; `shadow_as` is their variant. `driver` is the rollout
    that goes on moving the flag. Raises Refused when the flag is killed and somebody would be on or in shadow: a
    person's stop is final.
    """
    world, before = flag_at(flag, None)
    if before.killed and (people_of(cohort) | people_of(shadow)) - people_of(_named_in(before)):
        raise Refused(
            f"The flag {flag} was killed by {before.killed.by}: {before.killed.because}. Un-kill it first."
        )
    spec = replace(before.spec, audience=explicit(cohort), shadow=explicit(shadow), shadow_as=shadow_as)
    after = replace(before, spec=spec, driven_by=driver)
    return save(Step(actor, before, after, "staged", because), world, now).ruleset


def let_go(*, flag: str) -> None:
    """Say that no rollout moves the flag any more; who is on stays."""
    Flag.objects.filter(pk=flag).update(driven_by="")


def _named_in(state: FlagState) -> Cohort:
    return {each.tenant: frozenset(each.people) for each in state.spec.audience.slices}
