"""Which side is right when a field was changed on both: the last change by a person.

Whatever order the messages come in, the same change wins: each is compared by who made it and when, never by when we
heard of it. Both stand in the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.work.trackers.domain.types import Change, Side


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a change is what holds from now on, and why."""

    wins: bool
    because: str


def settle(change: Change, holds: Change | None) -> Outcome:
    """Compare a change with the one that holds."""
    if holds is None:
        return Outcome(True, "the first word about it")
    if change.value == holds.value:
        return Outcome(rank(change) > rank(holds), "both sides say the same")
    if change.is_person != holds.is_person:
        person, other = (change, holds) if change.is_person else (holds, change)
        return Outcome(
            change.is_person, f"{person.by} is a person, and {other.by} a program: a person's word holds"
        )
    wins = rank(change) > rank(holds)
    later, earlier = (change, holds) if wins else (holds, change)
    return Outcome(
        wins, f"{later.by} changed it at {_said(later.at)}, after {earlier.by} at {_said(earlier.at)}"
    )


def rank(change: Change) -> tuple[bool, datetime, bool, str]:
    """Order changes: persons before programs, then the later one; at the same moment ours, then by value."""
    return (change.is_person, change.at, change.side is Side.HERE, change.value)


def _said(at: datetime) -> str:
    return f"{at:%d %b %H:%M:%S} UTC"
