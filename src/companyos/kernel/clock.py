"""What time it is: the wall's, or a virtual clock that a rehearsal moves forward by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The current moment, in UTC."""
        ...


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class TimeWentBackwards(ValueError):
    """A virtual clock was asked to go back."""


class VirtualClock:
    """A clock that stands still until it is set. One thread sets it; any thread may read it."""

    def __init__(self, start: datetime) -> None:
        self._now = _in_utc(start)

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Move to `now`. Raises TimeWentBackwards when that lies before the present."""
        later = _in_utc(now)
        if later < self._now:
            raise TimeWentBackwards(
                f"the clock shows {self._now.isoformat()}; it cannot go back to {later.isoformat()}"
            )
        self._now = later


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC)
