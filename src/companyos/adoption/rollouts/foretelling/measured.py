"""What teams did on the existing path lately, by working day: the telemetry a forecast draws from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from companyos.adoption.telemetry import queries as telemetry
from companyos.adoption.telemetry.domain.day_book import DayBook
from companyos.kernel.business_time import WorkingCalendar

LOOKS_BACK = timedelta(weeks=4)
FEWEST_DAYS = 5


class TooLittle(ValueError):
    """Too few days are on record to draw from."""


def lately(
    feature: str, team_of: Mapping[str, str], calendar: WorkingCalendar, now: datetime
) -> tuple[dict[str, tuple[float, float]], int]:
    """Return tasks and error sessions of each team on a working day, and from how many days. Raises TooLittle."""
    book = DayBook(calendar.zone)
    for seen in telemetry.tasks_seen(feature, now - LOOKS_BACK, now):
        if seen.path == "existing":
            book.take(seen)
    days = {day: done for day, done in book.every_day().items() if calendar.is_working_day(day)}
    if len(days) < FEWEST_DAYS:
        raise TooLittle(
            f"only {len(days)} working days of the existing path are on record in the last four weeks;"
            f" {FEWEST_DAYS} are needed. Leave --telemetry out to draw from the declared workforce."
        )
    tasks, errors = Counter[str](), Counter[str]()
    for done in days.values():
        for person, kinds in done.tasks.items():
            tasks[team_of.get(person, "")] += sum(kinds.values())
        errors.update(team_of.get(person, "") for person, _ in done.errors)
    return {team: (n / len(days), errors[team] / len(days)) for team, n in tasks.items()}, len(days)
