"""When each stage is to begin: as planned, and as it looks now that something took longer (R150)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.adoption.rollouts.domain.moves import Row
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.types import Status
from companyos.kernel.business_time import WorkingCalendar

_STANDS_STILL = {Status.PLANNED, Status.COMPLETED, Status.KILLED}


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which nothing new is switched on."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """When a stage begins: planned at the start, expected now."""

    stage: str
    title: str
    planned: datetime
    expected: datetime
    late: int  # working days; below 0: earlier than planned
    entered: bool

    @property
    def says(self) -> str:
        if self.entered or not self.late:
            return ""
        way = "later" if self.late > 0 else "earlier"
        days = abs(self.late)
        return f"{days} working day{'s' * (days != 1)} {way} than planned ({self.planned:%d %b})"


def schedule(
    plan: Plan,
    row: Row,
    *,
    entered: Mapping[str, datetime],
    calendar: WorkingCalendar,
    freezes: Sequence[Window],
    now: datetime,
) -> tuple[Planned, ...]:
    """Return every stage with its planned and its expected beginning; nothing before a start or after an end.

    Later stages follow the running one: a slip moves them all. No stage is expected to begin in a freeze.
    """
    if row.started_at is None or row.status in _STANDS_STILL:
        return ()
    running = plan.index_of(row.stage)
    at = max(row.due_at or now, now) if running < len(plan.stages) else now
    found = []
    for index, stage in enumerate(plan.stages):
        planned = _planned(plan, index, row.started_at, calendar)
        begins = entered.get(stage.slug)
        if begins is None or index > running:
            begins = _out_of_freezes(calendar.next_working_moment(at), calendar, freezes)
            at = calendar.add_working_days(begins, stage.working_days)
        found.append(
            Planned(
                stage.slug, stage.title, planned, begins, _late(calendar, planned, begins), index <= running
            )
        )
    return tuple(found)


def _planned(plan: Plan, index: int, started: datetime, calendar: WorkingCalendar) -> datetime:
    """Weeks count from the first stage's own; a stage that would begin on a holiday begins on the next working day."""
    weeks = plan.stages[index].week - plan.stages[0].week
    local = started.astimezone(calendar.zone) + timedelta(weeks=weeks)
    return calendar.add_working_days(local, 0)


def _late(calendar: WorkingCalendar, planned: datetime, expected: datetime) -> int:
    if expected >= planned:
        return calendar.working_days_between(planned, expected)
    return -calendar.working_days_between(expected, planned)


def _out_of_freezes(at: datetime, calendar: WorkingCalendar, freezes: Sequence[Window]) -> datetime:
    for freeze in sorted(freezes, key=lambda each: each.since):
        if freeze.since <= at < freeze.until:
            at = calendar.next_working_moment(freeze.until)
    return at
