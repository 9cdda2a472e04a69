"""Who answers for a feature in shadow."""

from __future__ import annotations

from companyos.people.identity import queries as identity


def owners_of(*teams: str) -> frozenset[str]:
    """Return the people of these teams: of the squad that owns a feature, and of the team that leads its adoption."""
    theirs = [team for team in identity.teams() if team.slug in teams]
    return frozenset(person for team in theirs for person in (team.lead, *team.people))
