"""How time is cut: a quarter of an hour while people work, an hour by night."""

from __future__ import annotations

from datetime import datetime, timedelta

from companyos.adoption.rollouts.rehearsal.events import moment
from companyos.kernel.business_time import WorkingCalendar

SLICE = timedelta(minutes=15)  # while people work
_NIGHT_SLICE = timedelta(hours=1)


def slice_at(calendar: WorkingCalendar, at: datetime) -> timedelta:
    """Return how long the slice is that `at` lies in."""
    return SLICE if calendar.is_working_time(at) else _NIGHT_SLICE


def floored(at: datetime, length: timedelta) -> datetime:
    return at - (at - moment(0)) % length


def ceiled(at: datetime, length: timedelta) -> datetime:
    return at + (moment(0) - at) % length
