"""Rollouts whose stages work on the same people at the same time: neither can tell whose fault an error is (R184)."""

from __future__ import annotations

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.types import Status
from companyos.adoption.rollouts.models import Rollout
from companyos.adoption.rollouts.queries.stages import joining
from companyos.people.identity import queries as identity


def overlapping(row: Rollout, plan: Plan) -> tuple[str, ...]:
    """Return, in words, the other running rollouts that switched on some of this stage's people."""
    people = identity.everybody()
    if not row.stage or row.status not in {Status.ACTIVE, Status.PAUSED}:
        return ()
    mine = joining(plan, plan.index_of(row.stage), people)
    others = Rollout.objects.filter(status__in=[Status.ACTIVE, Status.PAUSED]).exclude(pk=row.pk)
    found = []
    for other in others.order_by("plan"):
        theirs = Plan.from_document(other.document)
        shared = mine & joining(theirs, theirs.index_of(other.stage), people)
        if shared:
            found.append(f"{theirs.title}: {len(shared)} of these {len(mine)} people")
    return tuple(found)
