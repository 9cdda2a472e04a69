"""How teams stand, what they earned, and who piloted what."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from companyos.change.recognition.domain.champion import Verdict
from companyos.change.recognition.domain.types import BadgeRow, CreditRow, StandingRow
from companyos.change.recognition.models import Badge, PilotCredit, Standing


def standings() -> tuple[StandingRow, ...]:
    """Return how each team stood when it was last judged, by feature and team."""
    return tuple(
        StandingRow(s.team, s.feature, s.at, Verdict(s.verdict), s.because, s.rule, s.evidence)
        for s in Standing.objects.order_by("feature", "team")
    )


def badges() -> tuple[BadgeRow, ...]:
    """Return every badge, the newest first; those that were revoked too."""
    return tuple(_row(each) for each in Badge.objects.order_by("-at", "team"))


def find_badge(badge: str) -> BadgeRow | None:
    try:
        found = Badge.objects.filter(pk=UUID(badge)).first()
    except ValueError:
        return None
    return _row(found) if found else None


def credits_given() -> tuple[CreditRow, ...]:
    """Return every pilot credit, the newest first; those that ran out too."""
    return tuple(_credit(each) for each in PilotCredit.objects.order_by("-came_at", "place", "team"))


def credits_of(team: str, at: datetime) -> tuple[CreditRow, ...]:
    """Return the credits that a team has at a moment, the one that lasts longest first."""
    rows = PilotCredit.objects.filter(team=team, came_at__lte=at, until__gt=at).order_by("-until")
    return tuple(_credit(each) for each in rows)


def _row(b: Badge) -> BadgeRow:
    return BadgeRow(
        str(b.pk), b.team, b.feature, b.at, b.because, b.evidence, b.sha256, b.revoked_at, b.revoked_by,
        b.revoked_because,
    )  # fmt: skip


def _credit(c: PilotCredit) -> CreditRow:
    return CreditRow(c.team, c.feature, c.place, c.came_at, c.at, c.until, c.percent, c.because)
