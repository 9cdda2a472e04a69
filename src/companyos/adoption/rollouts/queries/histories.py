"""A cohort's own working days on the existing path, and what then came: what forecasts are made of and scored by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from companyos.adoption.telemetry import queries as telemetry
from companyos.adoption.telemetry.domain.day_book import DayBook
from companyos.adoption.telemetry.domain.symptoms import Seen
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.stats.forecast import Day, History, Stage

LOOKS_BACK = timedelta(weeks=4)


def history_before(
    feature: str, people: frozenset[str], calendar: WorkingCalendar, entered_at: datetime
) -> History | None:
    """Return the four weeks of these people before a moment; None while they are too few to forecast from."""
    seen = (
        each
        for each in telemetry.tasks_seen(feature, entered_at - LOOKS_BACK, entered_at)
        if each.path == "existing" and each.actor in people
    )
    weeks: dict[tuple[int, int], list[Day]] = {}
    for day, done in _by_day(seen, calendar):
        weeks.setdefault(day.isocalendar()[:2], []).append(done)
    try:
        return History(tuple(tuple(week) for week in weeks.values()))
    except ValueError:
        return None


def what_came(
    feature: str, people: frozenset[str], calendar: WorkingCalendar, since: datetime, until: datetime
) -> Stage:
    """Return the days of these people with the feature, between two moments."""
    seen = (
        each
        for each in telemetry.tasks_seen(feature, since, until)
        if each.path == "unified" and each.actor in people
    )
    return tuple(done for _, done in _by_day(seen, calendar))


def _by_day(seen: Iterable[Seen], calendar: WorkingCalendar) -> list[tuple[date, Day]]:
    book = DayBook(calendar.zone)
    for each in seen:
        book.take(each)
    return [
        (day, Day(sum(sum(kinds.values()) for kinds in done.tasks.values()), len(done.errors)))
        for day, done in sorted(book.every_day().items())
        if calendar.is_working_day(day)
    ]
