"""Scorecards are judged anew on a schedule: words run out, figures change, and what went back is told (R178)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from companyos.adoption.features import queries
from companyos.adoption.features.actions import keep_look, recompute
from companyos.adoption.features.domain.links import Found, Link

_A_TURN = 25
_LINKS_A_TURN = 20


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


class Documents:
    """Looks where the links of documents lead, a few a turn: daily where all is well, sooner where it is not."""

    def __init__(self, look: Callable[[Link], Found]) -> None:
        self._look = look

    def look(self, now: datetime) -> int:
        """Look at the links that are due; says how many. No table is held while the other side is waited for."""
        due = queries.due_links(now, _LINKS_A_TURN)
        for link in due:
            keep_look(link=link.link, found=self._look(link), now=now)
        return len(due)
