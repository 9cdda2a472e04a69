"""Errors collapsed into error sessions, the unit that guardrails count.

One fault makes a person retry, and each retry fails again: errors of one person on one metric that follow
each other by less than 30 minutes are one session, and a person's day counts at most three.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from companyos.kernel.frozen_state import keeps

SESSION_GAP = timedelta(minutes=30)
SESSIONS_PER_PERSON_DAY = 3


@keeps
@dataclass(slots=True)
class _Latest:
    error_at: datetime
    day: date
    sessions: int


@keeps
class ErrorSessions:
    """The error sessions of one metric; days are those of `zone`. Take errors in (time, id) order."""

    def __init__(self, *, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._latest: dict[str, _Latest] = {}

    def opens_one(self, person: str, at: datetime) -> bool:
        """Take one error and tell whether it opens an error session that counts.

        An error older than the person's latest never does: late data means counting the day again from the
        start. Raises ValueError for a time without a zone.
        """
        if at.tzinfo is None:
            raise ValueError(f"the time of an error needs a zone, got {at}")
        day = at.astimezone(self._zone).date()
        at = at.astimezone(UTC)  # local times subtract by the wall clock
        latest = self._latest.get(person)
        if latest is None:
            self._latest[person] = _Latest(at, day, sessions=1)
            return True
        continues = at - latest.error_at < SESSION_GAP
        latest.error_at = max(at, latest.error_at)
        return not continues and _counts(latest, day)


def _counts(latest: _Latest, day: date) -> bool:
    if day != latest.day:
        latest.day, latest.sessions = day, 0
    latest.sessions += 1
    return latest.sessions <= SESSIONS_PER_PERSON_DAY
