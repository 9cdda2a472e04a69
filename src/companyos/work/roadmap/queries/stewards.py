"""Who answers for the roadmap."""

from __future__ import annotations

from companyos.people.identity import queries as identity


def is_steward(person: str) -> bool:
    """Tell whether a person places suggestions and holds councils: whoever leads a team."""
    return bool(person) and any(team.lead == person for team in identity.teams())
