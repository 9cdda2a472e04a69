"""Who may do what with a session."""

from __future__ import annotations

from companyos.adoption.features import queries as features
from companyos.change.sessions.domain.types import Kind, SessionRow
from companyos.people.identity import queries as identity


def may_host(row: SessionRow, person: str) -> bool:
    """Tell whether somebody speaks for a session: its host, or whoever leads a team, for a host who is away."""
    return bool(person) and (person == row.host or bool(_led_by(person)))


def may_waive(row: SessionRow, person: str) -> bool:
    """Tell whether somebody may go on without a huddle: who leads a team, and not the one that owns the feature."""
    if row.kind is not Kind.HUDDLE:
        return False
    led, feature = _led_by(person), features.feature(row.feature) if row.feature else None
    return bool(led) and (feature is None or feature.owner not in led)


def _led_by(person: str) -> frozenset[str]:
    return frozenset(team.slug for team in identity.teams() if person and team.lead == person)
