"""Who answers for a feature."""

from __future__ import annotations

from companyos.people.identity import queries as identity


def people_of(*teams: str) -> frozenset[str]:
    """Return the people of these teams, their leads among them."""
    theirs = [team for team in identity.teams() if team.slug in teams]
    return frozenset(person for team in theirs for person in (team.lead, *team.people) if person)


def stewards(owner: str, lead_team: str) -> frozenset[str]:
    """Return who moves a feature: the squad that owns it, and the team that leads its adoption."""
    return people_of(owner, lead_team)


def lead_of(team: str) -> str:
    """Return who leads a team; empty for a team that nobody leads, or that does not exist."""
    return next((each.lead for each in identity.teams() if each.slug == team), "")
