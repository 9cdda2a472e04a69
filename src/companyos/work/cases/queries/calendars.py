"""When each squad works: its newest calendar, or the company's."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from companyos.kernel.business_time import WorkingCalendar
from companyos.platform.instance import instance
from companyos.work.cases.models import SquadCalendar


def calendar_of_squad(squad: str) -> WorkingCalendar:
    """Return the calendar a squad's clocks go by."""
    row = SquadCalendar.objects.filter(squad=squad).order_by("-version").first() if squad else None
    return calendar_from(row) if row else instance().calendar


def calendars() -> dict[str, WorkingCalendar]:
    """Return the calendars of squads that have one of their own."""
    rows = SquadCalendar.objects.order_by("squad", "version")
    return {row.squad: calendar_from(row) for row in rows}


def calendar_from(row: SquadCalendar) -> WorkingCalendar:
    return WorkingCalendar(
        ZoneInfo(row.zone),
        (row.opens, row.closes),
        frozenset(date.fromisoformat(day) for day in row.holidays),
        frozenset(row.weekdays),
    )
