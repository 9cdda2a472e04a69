"""Scorecards are judged anew on a schedule: words run out, figures change, and what went back is told (R178)."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.features import queries
from companyos.adoption.features.actions import recompute

_A_TURN = 25


class Readiness:
    """Looks at a few features a turn, those looked at longest ago first, so that a large programme never stalls it."""

    def look(self, now: datetime) -> int:
        """Judge the next features anew; says how many."""
        known = queries.all_judged_at()
        due = sorted(
            (each.slug for each in queries.features()), key=lambda slug: (slug in known, known.get(slug, now))
        )
        recompute(due[:_A_TURN], now=now)
        return len(due[:_A_TURN])
