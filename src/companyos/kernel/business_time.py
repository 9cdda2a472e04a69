"""Working time: which moments count, and how deadlines run over evenings, holidays and clock changes.

Moments go in and come out as aware datetimes (out: UTC); days and hours are those of the calendar's own zone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONDAY_TO_FRIDAY = frozenset(range(5))
WHOLE_DAY = (time(0), time(0))
ONE_DAY, ONE_MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When a group of people works. A closing time of 00:00 means the midnight that ends the day."""

    zone: ZoneInfo
    hours: tuple[time, time] = (time(9), time(17))
    holidays: frozenset[date] = frozenset()
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY  # 0 is Monday

    def __post_init__(self) -> None:
        opening, closing = self.hours
        if closing != time(0) and opening >= closing:
            raise ValueError(f"working hours must open before they close, got {opening} to {closing}")
        if not self.weekdays or not self.weekdays <= set(range(7)):
            raise ValueError("a calendar needs at least one working weekday, 0 (Monday) to 6 (Sunday)")

    def is_working_day(self, day: date) -> bool:
        """Tell whether people work on `day`: one of the weekdays and no holiday."""
        return day.weekday() in self.weekdays and day not in self.holidays

    def is_working_time(self, at: datetime) -> bool:
        """Tell whether people work at this moment; the closing moment itself is free."""
        day = self._local(at).date()
        opening, closing = self.hours_of(day)
        return self.is_working_day(day) and opening <= at < closing

    def next_working_moment(self, at: datetime) -> datetime:
        """Return `at` when people work then, else the next opening."""
        for day in self._working_days_from(self._local(at).date()):
            opening, closing = self.hours_of(day)
            if at < closing:
                return max(at.astimezone(UTC), opening)
        raise AssertionError("working days never end")

    def add_working_days(self, at: datetime, n: int) -> datetime:
        """Return the same local time `n` working days later (R84: 72 h are three of them).

        The result always falls on a working day: counted from a Saturday, one day later is Monday, and so is
        none. A local time that a clock change skips or repeats becomes the moment an hour on, or the first of
        the two.
        """
        if n < 0:
            raise ValueError(f"working days are added, not taken away, got {n}")
        local = self._local(at)
        day = self._nth_working_day(local.date(), n)
        return datetime.combine(day, local.time(), self.zone).astimezone(UTC)

    def take_working_days(self, at: datetime, n: int) -> datetime:
        """Return the same local time `n` working days earlier: what is to be known so long before is told then.

        The result always falls on a working day: counted from a Saturday, one day earlier is Friday, and so is none.
        """
        if n < 0:
            raise ValueError(f"working days are taken away here, not added, got {n}")
        local = self._local(at)
        day, left = local.date(), n
        while left or not self.is_working_day(day):
            day -= ONE_DAY
            left -= bool(left) and self.is_working_day(day)
        return datetime.combine(day, local.time(), self.zone).astimezone(UTC)

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Count the working days after the day of `start`, up to and with the day of `end`; never below 0."""
        first, last = self._local(start).date() + ONE_DAY, self._local(end).date()
        return sum(1 for _ in self._working_days_within(first, last))

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Add up the working time from `start` to `end`; none when `end` is earlier."""
        worked = timedelta()
        for day in self._working_days_within(self._local(start).date(), self._local(end).date()):
            opening, closing = self.hours_of(day)
            worked += max(
                timedelta(), min(end.astimezone(UTC), closing) - max(start.astimezone(UTC), opening)
            )
        return worked

    def add_working_time(self, at: datetime, length: timedelta) -> datetime:
        """Return the first moment, from `at` on, by which `length` of working time has passed."""
        if length <= timedelta():
            return at.astimezone(UTC)
        for day in self._working_days_from(self._local(at).date()):
            opening, closing = self.hours_of(day)
            start = max(at.astimezone(UTC), opening)
            if start < closing and closing - start >= length:
                return start + length
            length -= max(timedelta(), closing - start)
        raise AssertionError("working days never end")

    def spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, bool]]:
        """Cut the time from `start` to `end` where work begins and ends: from, until, and whether people work."""
        at, end = start.astimezone(UTC), end.astimezone(UTC)
        for day in self._working_days_within(self._local(start).date(), self._local(end).date()):
            opening, closing = self.hours_of(day)
            if closing <= at or opening >= end:
                continue
            if at < opening:
                yield at, opening, False
            yield max(at, opening), min(end, closing), True
            at = min(end, closing)
        if at < end:
            yield at, end, False

    def hours_of(self, day: date) -> tuple[datetime, datetime]:
        """Return the opening and closing moment of `day` in UTC: Python subtracts local times by the wall clock."""
        opening, closing = self.hours
        closing_day = day + ONE_DAY if closing == time(0) else day
        return self._reached(datetime.combine(day, opening)), self._reached(
            datetime.combine(closing_day, closing)
        )

    def _reached(self, wall: datetime) -> datetime:
        """Return when the clock on the wall reaches `wall`: of a time that it skips, when it jumps over it."""
        before, after = (wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if before <= after:  # reached once, or twice: the first time counts
            return before
        minutes = range(int((before - after) / ONE_MINUTE))
        jumps = bisect_left(minutes, True, key=lambda n: self._wall(after + n * ONE_MINUTE) >= wall)
        return after + jumps * ONE_MINUTE

    def _wall(self, at: datetime) -> datetime:
        return at.astimezone(self.zone).replace(tzinfo=None)

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError(f"working time needs a moment with a zone, got {at}")
        return at.astimezone(self.zone)

    def _nth_working_day(self, day: date, n: int) -> date:
        following = self._working_days_from(day if n == 0 else day + ONE_DAY)
        for _ in range(n - 1):
            next(following)
        return next(following)

    def _working_days_from(self, day: date) -> Iterator[date]:
        while True:
            if self.is_working_day(day):
                yield day
            day += ONE_DAY

    def _working_days_within(self, first: date, last: date) -> Iterator[date]:
        for day in self._working_days_from(first):
            if day > last:
                return
            yield day


EVERY_MOMENT = WorkingCalendar(ZoneInfo("UTC"), WHOLE_DAY, frozenset(), frozenset(range(7)))
"""The wall clock: every hour of every day counts."""
