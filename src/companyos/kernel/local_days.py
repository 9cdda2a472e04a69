"""Which local day a moment lies in, for streams of moments: nearly all lie in the day of the one before."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

_NEVER = datetime.max.replace(tzinfo=UTC)


class LocalDays:
    """The days of `zone`. Looks at the zone once a day, and at every moment of a day on which clocks change."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._begins = self._ends = _NEVER
        self._day = date.max

    def of(self, moment: datetime) -> date:
        """Return the day of a moment, which has a zone."""
        if self._begins <= moment < self._ends:
            return self._day
        day = moment.astimezone(self._zone).date()
        begins, ends = self._midnight(day), self._midnight(day + timedelta(days=1))
        if begins.utcoffset() == ends.utcoffset():
            self._day, self._begins, self._ends = day, begins.astimezone(UTC), ends.astimezone(UTC)
        return day

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._zone)
