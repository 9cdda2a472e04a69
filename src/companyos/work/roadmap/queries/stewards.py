"""Who answers for the roadmap."""

from __future__ import annotations

from companyos.people.identity import queries as identity


def is_steward(person: str) -> bool:
    """Tell whether a person places suggestions and holds councils: whoever leads a team."""
    return identity.leads_a_team(person)
