"""Who is on at each stage: everybody of the stages before, and those whom the stage adds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from companyos.adoption.rollouts.domain.plan import CohortPart, Plan
from companyos.people.identity.domain.types import PersonRow


def cohort_at(plan: Plan, index: int, people: Sequence[PersonRow]) -> Mapping[str, frozenset[str]]:
    """Return tenant to people who are on when stage `index` is reached; nobody below 0."""
    on: dict[str, set[str]] = defaultdict(set)
    for stage in plan.stages[: index + 1]:
        held_out = {each.team for each in stage.excluded if plan.index_of(each.until) > index}
        for part in stage.cohort:
            for person in people:
                if _belongs(person, part) and person.team not in held_out:
                    on[part.tenant].add(person.slug)
    return {tenant: frozenset(slugs) for tenant, slugs in sorted(on.items())}


def _belongs(person: PersonRow, part: CohortPart) -> bool:
    if person.team in part.teams:
        return True
    if person.tenant != part.tenant:
        return False
    return part.everyone or (bool(part.department) and person.department == part.department)
