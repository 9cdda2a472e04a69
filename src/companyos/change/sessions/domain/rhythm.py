"""When sessions take place: days and hours are the company's own, and nobody is asked to come on a day off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from companyos.kernel.business_time import WorkingCalendar

ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(weeks=1)
WEDNESDAY, TUESDAY = 2, 1
DOGFOOD_AT, CLINIC_AT, OFFICE_HOURS_AT, HUDDLE_AT = time(15), time(11), time(14), time(10)
NOTICE = timedelta(hours=4)  # a session that is made by itself begins no sooner


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a rhythm, and when it is: `name` stays when the moment is moved."""

    name: str
    at: datetime


def dogfood_hours(now: datetime, calendar: WorkingCalendar, weeks: int = 2) -> tuple[Slot, ...]:
    """Return the hours still to come of this week and the next ones: Wednesday, or the next working day after it.

    In a week whose Wednesday to Sunday are all off there is none.
    """
    today = now.astimezone(calendar.zone).date()
    monday = today - timedelta(days=today.weekday())
    found = []
    for week in range(weeks):
        wednesday = monday + week * ONE_WEEK + WEDNESDAY * ONE_DAY
        year, number, _ = wednesday.isocalendar()
        at = _on_or_after(wednesday, DOGFOOD_AT, calendar)
        if _local_day(at, calendar).isocalendar()[:2] == (year, number) and at > now:
            found.append(Slot(f"{year}-W{number:02}", at))
    return tuple(found)


def next_clinic(now: datetime, calendar: WorkingCalendar) -> Slot:
    """Return the next clinic: the first Tuesday of a month, or the next working day after it."""
    first = now.astimezone(calendar.zone).date().replace(day=1)
    while True:
        tuesday = first + ((TUESDAY - first.weekday()) % 7) * ONE_DAY
        at = _on_or_after(tuesday, CLINIC_AT, calendar)
        if at > now:
            return Slot(f"{first:%Y-%m}", at)
        first = (first + timedelta(days=32)).replace(day=1)


def office_hours(entered: datetime, due: datetime, calendar: WorkingCalendar) -> Iterator[Slot]:
    """Yield one slot a week while a stage runs, from its second working day on; a shorter stage has one too."""
    week, day = 1, _local_day(calendar.add_working_days(entered, 1), calendar)
    at = _on_or_after(day, OFFICE_HOURS_AT, calendar)
    while week == 1 or at < due:
        yield Slot(str(week), at)
        week, day = week + 1, day + ONE_WEEK
        at = _on_or_after(day, OFFICE_HOURS_AT, calendar)


def huddle_before(due: datetime, now: datetime, calendar: WorkingCalendar) -> datetime:
    """Return when the next stage's people meet: on the last working day before it begins, never without notice.

    When that is too soon they meet on the next working day: the stage waits for them, where a gate says so.
    """
    day = _local_day(due, calendar)
    at = due
    while at >= due or not calendar.is_working_day(day):
        day -= ONE_DAY
        at = _within_hours(day, HUDDLE_AT, calendar)
    if at >= now + NOTICE:
        return at
    return _on_or_after(_local_day(calendar.add_working_days(now, 1), calendar), HUDDLE_AT, calendar)


def huddle_after(due: datetime, minutes: int, calendar: WorkingCalendar) -> datetime:
    """Return when people talk about a stage's first day: when it is due, within working hours."""
    at = calendar.next_working_moment(due)
    _, closing = calendar.hours_of(_local_day(at, calendar))
    if at + timedelta(minutes=minutes) <= closing:
        return at
    return calendar.next_working_moment(closing)


def week_of(now: datetime, calendar: WorkingCalendar) -> tuple[datetime, datetime]:
    """Return the beginning of the company's week and that of the next."""
    today = now.astimezone(calendar.zone).date()
    monday = today - timedelta(days=today.weekday())
    ends = (datetime.combine(day, time(0), calendar.zone) for day in (monday, monday + ONE_WEEK))
    begin, end = ends
    return begin, end


def _on_or_after(day: date, at: time, calendar: WorkingCalendar) -> datetime:
    while not calendar.is_working_day(day):
        day += ONE_DAY
    return _within_hours(day, at, calendar)


def _within_hours(day: date, at: time, calendar: WorkingCalendar) -> datetime:
    """That hour of the day; where nobody works then, the opening hour."""
    opening, closing = calendar.hours_of(day)
    wanted = datetime.combine(day, at, calendar.zone).astimezone(opening.tzinfo)
    return wanted if opening <= wanted <= closing - timedelta(hours=1) else opening


def _local_day(at: datetime, calendar: WorkingCalendar) -> date:
    return at.astimezone(calendar.zone).date()
