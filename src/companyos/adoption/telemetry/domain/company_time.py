"""What telemetry must know of the company's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from companyos.kernel.business_time import WorkingCalendar

SETTLES_IN = timedelta(hours=4)  # a task not done by then counts as abandoned (P11)


@dataclass(frozen=True, slots=True)
class Company:
    calendar: WorkingCalendar
    sprint_anchor: date
    baseline_since: datetime
