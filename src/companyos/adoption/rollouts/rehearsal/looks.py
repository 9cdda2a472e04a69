"""When a rehearsal looks: the moments at which gates are judged and people act. The driver tells its server."""

from __future__ import annotations

from datetime import datetime, timedelta

from companyos.kernel.business_time import ONE_DAY, WorkingCalendar

EVERY = timedelta(hours=2)  # guardrails are judged at every event all the same


def last_look(calendar: WorkingCalendar, at: datetime) -> datetime | None:
    """Return the latest look of the day of `at` that is not after it; None before the opening and on free days."""
    day = at.astimezone(calendar.zone).date()
    opening, closing = calendar.hours_of(day)
    if not calendar.is_working_day(day) or at < opening:
        return None
    return opening + EVERY * ((min(at, closing - timedelta(microseconds=1)) - opening) // EVERY)


def next_look(calendar: WorkingCalendar, after: datetime) -> datetime:
    """Return the first look later than `after`."""
    last = last_look(calendar, after)
    if last is not None and calendar.is_working_time(last + EVERY):
        return last + EVERY
    opening = calendar.next_working_moment(after)
    if opening > after:
        return opening
    tomorrow = after.astimezone(calendar.zone).date() + ONE_DAY
    return calendar.next_working_moment(calendar.hours_of(tomorrow)[0])
