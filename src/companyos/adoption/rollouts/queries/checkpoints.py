"""Daily checkpoints: what was noted, and which working days have none (R137)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from companyos.adoption.rollouts.domain.checkpoints import Checkpoints, Held
from companyos.adoption.rollouts.domain.types import Status
from companyos.adoption.rollouts.models import Checkpoint, Rollout
from companyos.kernel.business_time import WorkingCalendar
from companyos.people.identity import queries as identity


def checkpoints(plan: str, *, calendar: WorkingCalendar, now: datetime) -> Checkpoints | None:
    """Return a rollout's checkpoints, the newest first; None for an unknown rollout."""
    row = Rollout.objects.filter(pk=plan).first()
    if row is None:
        return None
    entries: dict[tuple[date, str], list[Checkpoint]] = {}
    for each in Checkpoint.objects.filter(rollout=row).order_by("at", "id"):
        entries.setdefault((each.day, each.stage), []).append(each)
    held = tuple(_held(rows) for _, rows in sorted(entries.items(), reverse=True))
    days, today = {each.day for each in held}, now.astimezone(calendar.zone).date()
    return Checkpoints(held, tuple(d for d in _due(row, calendar, today) if d not in days), today in days)


def _held(rows: list[Checkpoint]) -> Held:
    last = rows[-1]
    return Held(
        last.day,
        last.stage,
        last.at,
        identity.name_of(last.by),
        last.status,
        last.diffs,
        last.blockers,
        last.go,
        len(rows) - 1,
    )


def _due(row: Rollout, calendar: WorkingCalendar, today: date) -> Iterator[date]:
    """Yield the working days of the running stage up to yesterday."""
    if row.entered_at is None or row.status not in {Status.ACTIVE, Status.PAUSED}:
        return
    day = row.entered_at.astimezone(calendar.zone).date()
    while day < today:
        if calendar.is_working_day(day):
            yield day
        day += timedelta(days=1)
