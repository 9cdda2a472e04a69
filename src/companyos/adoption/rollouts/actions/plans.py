"""Keeping a plan's rollout, and who may act on it."""

from __future__ import annotations

from datetime import date, datetime

from companyos.adoption.features import queries as feature_queries
from companyos.adoption.flags import actions as flags
from companyos.adoption.flags.domain.growth import Growth
from companyos.adoption.rollouts.actions.refusals import Refused
from companyos.adoption.rollouts.domain.cohorts import judge_stages
from companyos.adoption.rollouts.domain.critical import why_refused
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.plan_check import check
from companyos.adoption.rollouts.domain.setting import crowds_of, setting_told
from companyos.adoption.rollouts.domain.types import Status
from companyos.adoption.rollouts.models import Rollout
from companyos.kernel.canonical_json import sha256_of
from companyos.people.identity import queries as identity


def keep_rollout(*, plan: Plan, feature: str, flag: str, now: datetime) -> bool:
    """Create a rollout for a plan, or renew the plan of one that has not begun; says whether anything changed.

    Raises Refused for a plan whose stages would take the feature from somebody who has it, for one that says what it
    expects and has a gate that would mostly end without an answer (R179), and for one of a critical workflow that
    never runs both paths side by side (R118).
    """
    row = feature_queries.feature(feature)
    flags.keep_flag(key=flag, feature=feature, owner=row.owner if row else "", now=now)
    proof = judge_stages(plan, identity.everybody())
    if proof.verdict is Growth.BROKEN:
        raise Refused(f"The plan {plan.slug} cannot be used: {proof.because}. Cohorts only grow.")
    _need_a_plan_that_can_learn(plan)
    document = plan.to_document()
    sha = sha256_of(document)
    known = Rollout.objects.filter(pk=plan.slug).first()
    if known is None or known.plan_sha256 != sha:
        _need_both_paths_compared(plan, critical=bool(row and row.critical), today=now.date())
    if known is None:
        Rollout.objects.create(plan=plan.slug, feature_id=feature, document=document, plan_sha256=sha)
        return True
    if known.plan_sha256 == sha:
        return False
    if known.status != Status.PLANNED:
        raise Refused(
            f"The rollout {plan.slug} has begun on another version of its plan, which stays as it is."
            " Finish or kill it before changing its file."
        )
    Rollout.objects.filter(pk=plan.slug).update(document=document, plan_sha256=sha)
    return True


def _need_a_plan_that_can_learn(plan: Plan) -> None:
    if not plan.expects:
        return
    people = identity.everybody()
    try:
        setting = setting_told(len(people), dict(plan.expects))
    except ValueError as wrong:
        raise Refused(f"The plan {plan.slug} cannot be used: {wrong}.") from None
    found = check(plan, crowds_of(plan, people), setting)
    if not found.accepted:
        ways = {repair.name for _, gate in found.unreachable for repair in gate.repairs}
        raise Refused(
            f"The plan {plan.slug} cannot be used: {found.because}. Repairs: {', '.join(sorted(ways))};"
            f" `companyos plan check {plan.slug}` says which and where."
        )


def _need_both_paths_compared(plan: Plan, *, critical: bool, today: date) -> None:
    if because := why_refused(plan, declared=critical, today=today):
        raise Refused(f"The plan {plan.slug} cannot be used: {because}.")


def may_act(person: str, plan: Plan) -> bool:
    """Tell whether this person is the plan's lead or holds one of its roles."""
    return person == plan.lead or person in dict(plan.roles).values()
