"""Who is on at each stage: everybody of the stages before, and those whom the stage adds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from companyos.adoption.flags.domain.growth import Proof, Step, judge_growth
from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.stage_plan import CohortPart, StagePlan
from companyos.adoption.telemetry.domain.comparison import Compares
from companyos.people.identity.domain.types import PersonRow


def cohort_at(plan: Plan, index: int, people: Sequence[PersonRow]) -> Mapping[str, frozenset[str]]:
    """Return tenant to people who are on when stage `index` is reached; nobody below 0."""
    on: dict[str, set[str]] = defaultdict(set)
    for stage in plan.stages[: index + 1]:
        held_out = {each.team for each in stage.excluded if plan.index_of(each.until) > index}
        for part in stage.cohort:
            for person in people:
                if not _belongs(person, part) or person.team in held_out:
                    continue
                if not stage.comparison.draws_people or stage.comparison.draws(plan.slug, person.slug):
                    on[part.tenant].add(person.slug)
    return {tenant: frozenset(slugs) for tenant, slugs in sorted(on.items())}


def held_back_at(plan: Plan, index: int, people: Sequence[PersonRow]) -> frozenset[str]:
    """Return who is of stage `index` and was not drawn: they stay off until a later stage names them.

    A team that the plan holds out was not drawn by lot, so it is no part of the comparison.
    """
    stage = plan.stages[index]
    if not stage.comparison.draws_people:
        return frozenset()
    return _named(stage, people) - people_of(cohort_at(plan, index, people))


def decided_by_lot(plan: Plan, index: int, people: Sequence[PersonRow]) -> frozenset[str]:
    """Return whose side the lot of stage `index` decides: its people, but for those whom an earlier stage switched on
    without a draw.

    A larger share keeps whom a smaller one drew, so people of earlier draws of a ramp are on as this one says.
    """
    if not plan.stages[index].comparison.draws_people:
        return frozenset()
    whole = (stage for stage in plan.stages[:index] if not stage.comparison.draws_people)
    return _named(plan.stages[index], people).difference(*(_named(stage, people) for stage in whole))


def on_today(plan: Plan, index: int, people: Sequence[PersonRow], day: date) -> Mapping[str, frozenset[str]]:
    """Return tenant to people who are on at stage `index` on `day`: in a switchback, without those drawn off today."""
    cohort = cohort_at(plan, index, people)
    if index < 0 or plan.stages[index].comparison.kind is not Compares.SWITCHBACK:
        return cohort
    stay = people_of(cohort_at(plan, index - 1, people))
    draw = plan.stages[index].comparison
    return {
        tenant: frozenset(p for p in slugs if p in stay or draw.draws_on(plan.slug, p, day))
        for tenant, slugs in cohort.items()
    }


def _named(stage: StagePlan, people: Sequence[PersonRow]) -> frozenset[str]:
    """Return who is of a stage, without the teams that it holds out."""
    held_out = {each.team for each in stage.excluded}
    return frozenset(
        p.slug for p in people for part in stage.cohort if _belongs(p, part) and p.team not in held_out
    )


def _belongs(person: PersonRow, part: CohortPart) -> bool:
    if person.team in part.teams:
        return True
    if person.tenant != part.tenant:
        return False
    return part.everyone or (bool(part.department) and person.department == part.department)


def judge_stages(plan: Plan, people: Sequence[PersonRow]) -> Proof:
    """Prove that each stage's cohort contains the one before, person by person, or show who would lose it.

    What counts is what the plan says: a team held out at a stage is meant to be off there, so a hold-out of a team
    that an earlier stage switched on is a loss. Hold-outs of teams that were never on are said beside the proof.
    """
    steps = [Step(stage.title, _meant(plan, index, people)) for index, stage in enumerate(plan.stages)]
    proof = judge_growth(steps)
    held = [
        f"{each.team} stays off until {each.until}: {each.why}"
        for stage in plan.stages
        for each in stage.excluded
    ]
    return replace(proof, because="; ".join([proof.because, *held]))


def _meant(plan: Plan, index: int, people: Sequence[PersonRow]) -> Mapping[str, frozenset[str]]:
    held_out = {each.team for each in plan.stages[index].excluded}
    out = {person.slug for person in people if person.team in held_out}
    return {tenant: slugs - out for tenant, slugs in cohort_at(plan, index, people).items()}
