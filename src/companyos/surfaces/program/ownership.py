"""Which squad answers for what, as the program says: an area's squad, and the owner of a feature for that feature."""

from __future__ import annotations

from companyos.surfaces.program.types import Area, Program
from companyos.work.feedback.domain.types import Ownership


def ownerships_of(program: Program) -> tuple[Ownership, ...]:
    """Return the rules that triage goes by while nothing is learned.

    A feature whose owner is not its area's squad has a rule of its own: whoever ships it answers for it.
    """
    first_team = {group.slug: group.teams[0] for group in program.lead_teams}
    areas = tuple(_of_area(area, area.squad or first_team[area.lead], program) for area in program.areas)
    squads = {each.area: each.squad for each in areas}
    own = (
        Ownership(f"feature-{feature.slug}", feature.title, feature.owner, (), (feature.slug,))
        for feature in program.features
        if feature.owner != squads[feature.area]
    )
    return (*areas, *own)


def _of_area(area: Area, squad: str, program: Program) -> Ownership:
    features = (
        feature.slug for feature in program.features if feature.area == area.slug and feature.owner == squad
    )
    return Ownership(area.slug, area.title, squad, area.words, tuple(features))
