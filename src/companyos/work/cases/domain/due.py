"""What a clock has to say, and when: its warning, its breach, the escalations after it. Each is said once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.kernel.business_time import WorkingCalendar
from companyos.work.cases.domain.clocks import calendar_of
from companyos.work.cases.domain.definition import Escalation
from companyos.work.cases.domain.measuring import moment_of
from companyos.work.cases.domain.runs import ClockPolicy, Run, runs_of
from companyos.work.cases.domain.types import SAID_BY_CLOCKS, Event, EventKind

_JUST_AFTER = timedelta(seconds=1)  # the last moment still counts as kept


@dataclass(frozen=True, slots=True)
class Saying:
    kind: EventKind
    clock: str
    run: int
    share: float
    to: str  # a role; the warning is for the owner
    at: datetime


def sayings_to_come(
    policies: Iterable[ClockPolicy],
    escalations: tuple[Escalation, ...],
    events: tuple[Event, ...],
    squad: WorkingCalendar,
) -> tuple[Saying, ...]:
    """Return everything that the running clocks will say if nothing else happens, and have not said yet."""
    said = {_key_of(event) for event in events if event.kind in SAID_BY_CLOCKS}
    found = [
        each
        for policy in policies
        for run in runs_of(policy, events)
        if run.ended is None
        for each in _of_run(policy, run, escalations, calendar_of(policy, squad))
        if (each.kind, each.clock, each.run, each.share) not in said
    ]
    return tuple(sorted(found, key=lambda each: each.at))


def _of_run(
    policy: ClockPolicy, run: Run, escalations: tuple[Escalation, ...], calendar: WorkingCalendar
) -> Iterator[Saying]:
    planned = [(EventKind.WARNED, policy.warn_at, "owner"), (EventKind.BREACHED, 1.0, "owner")]
    planned += [(EventKind.ESCALATED, each.at, each.to) for each in escalations]
    for kind, share, to in planned:
        at = moment_of(run, calendar, policy.limit * share)
        if at is not None:
            yield Saying(kind, run.clock, run.n, share, to, at + _JUST_AFTER if share >= 1 else at)


def _key_of(event: Event) -> tuple[EventKind, str, int, float]:
    return event.kind, event.body["clock"], event.body["run"], event.body["share"]


def first_due(
    policies: Iterable[ClockPolicy], events: tuple[Event, ...], squad: WorkingCalendar
) -> datetime | None:
    """Return when the first of the running clocks is over; None when none runs, or each is paused before that."""
    runs = [(p, run) for p in policies for run in runs_of(p, events) if run.ended is None]
    moments = [moment_of(run, calendar_of(p, squad), p.limit) for p, run in runs]
    return min((at for at in moments if at is not None), default=None)
