"""The facts that comms offers by name: how many of those whom a stage affects knew of it before (R115)."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts import queries as rollouts
from companyos.change.comms import queries
from companyos.change.comms.queries.stories import stage_key
from companyos.kernel.evidence import Fact, Question, offer

_REACH, _NEXT = "comms.reach", "comms.reach_next"
_SOURCE = "who opened the notice, or said that they know where that is asked"


def reach(question: Question) -> Fact:
    """Of the people whom this stage added, the share who knew of it before it began.

    While a stage runs in shadow its people still have the old path: whoever has read it by now knows in time.
    """
    plan = str(question.parameters.get("plan", ""))
    if not plan or not question.stage:
        return _nothing(_REACH, "reach is of a stage of a rollout, and none was named")
    state = rollouts.state(plan)
    in_shadow = state is not None and state.stage == question.stage and state.in_shadow
    until = question.now if in_shadow else question.since
    return _counted(
        _REACH, question.newly_on, plan, question.stage, question.attempt, until, "before the stage began"
    )


def reach_next(question: Question) -> Fact:
    """Of the people who will join at the next stage of the plan, the share who know already."""
    plan = str(question.parameters.get("plan", ""))
    state = rollouts.state(plan) if plan else None
    if state is None or not question.stage:
        return _nothing(_NEXT, "reach is of a stage of a rollout, and none was named")
    if state.plan.is_last(question.stage):
        return _nothing(_NEXT, "no stage follows this one: nobody joins")
    after = state.plan.stages[state.plan.index_of(question.stage) + 1].slug
    people = rollouts.joining_at(state.plan, after)
    return _counted(_NEXT, people, plan, after, 1, question.now, "until now")


def offer_evidence() -> None:
    offer(_REACH, reach)
    offer(_NEXT, reach_next)


def _counted(
    name: str, people: frozenset[str], plan: str, stage: str, attempt: int, until: datetime, window: str
) -> Fact:
    """Count everybody affected: this is no sample, so it has no interval."""
    keys = [stage_key(plan, stage, each + 1) for each in range(attempt)]
    told, knew = (each & people for each in queries.knew(keys, until))
    if not people:
        return _nothing(name, f"nobody joins at the stage {stage}")
    if not told:
        return _nothing(name, f"none of the {len(people)} people of the stage {stage} was told in time")
    details = {"stage": stage, "people": len(people), "told": len(told), "knew": len(knew)}
    return Fact(
        name, len(knew) / len(people), n=len(people), unit="share", window=window, source=_SOURCE, details=details
    )  # fmt: skip


def _nothing(name: str, problem: str) -> Fact:
    return Fact(name, unit="share", source=_SOURCE, problem=problem)
