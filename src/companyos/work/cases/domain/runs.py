"""When each clock of a case ran, read from its log: started, paused, ended, and by what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from companyos.work.cases.domain.types import Event, EventKind, Phase

TRIAGE, PLAN, FIX = "triage", "plan", "fix"
_MET_BY = {
    TRIAGE: frozenset({EventKind.TRIAGED}),
    PLAN: frozenset({EventKind.PLAN_ACCEPTED}),
    FIX: frozenset({EventKind.RESOLVED, EventKind.RELEASED}),
}
_ONCE = frozenset({TRIAGE, PLAN})  # a case is triaged and planned once; it may be fixed again
_OPENS_PAUSE = {
    EventKind.ASKED_REPORTER: ("reporter", "waiting for the reporter"),
    EventKind.MERGED: ("merged", "merged into another case"),
}
_ENDS_PAUSE = {
    EventKind.REPORTER_ANSWERED: "reporter",
    EventKind.UNMERGED: "merged",
    EventKind.RESOLVED: "reporter",
    EventKind.RELEASED: "reporter",
}


class Counts(StrEnum):
    """Which hours count."""

    WORKING_DAYS = "working_days"  # every hour of a working day: 24 h end at the same time next working day
    WORKING_HOURS = "working_hours"
    WALL = "wall"


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """One promise: `name` is triage, plan or fix. `severities` restrict it; `waits` lets it pause for the reporter."""

    name: str
    limit: timedelta
    counts: Counts = Counts.WORKING_DAYS
    severities: frozenset[str] = frozenset()
    waits: bool = True
    warn_at: float = 0.75

    def asks(self, severity: str) -> bool:
        """Tell whether it runs for cases of this severity."""
        return not self.severities or severity in self.severities


@dataclass(frozen=True, slots=True)
class Pause:
    since: datetime
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Run:
    """One time a clock ran. It was `met` by what it asks for, or lifted for another reason, or runs still."""

    clock: str
    n: int
    started: datetime
    started_by: str
    ended: datetime | None = None
    ended_by: str = ""
    met: bool = False
    pauses: tuple[Pause, ...] = ()


def runs_of(policy: ClockPolicy, events: Iterable[Event]) -> tuple[Run, ...]:
    """Return every run of a clock, in order. One that was lifted starts anew when the case asks for it again."""
    told = tuple(events)
    pauses = tuple(p for p in pauses_of(told) if policy.waits or "reporter" not in p.why)
    runs: list[Run] = []
    severity, phase, met = "", Phase.NEW, False
    for event in told:
        severity = str(event.body.get("severity", severity))
        phase = Phase(event.body.get("phase", phase))
        running = bool(runs) and runs[-1].ended is None
        met = met or (policy.name in _ONCE and event.kind in _MET_BY[policy.name])
        if running and (ending := _ending(policy, event, severity, phase)):
            because, is_met = ending
            runs[-1] = replace(runs[-1], ended=event.at, ended_by=because, met=is_met)
        elif not running and not met and not phase.is_over and policy.asks(severity):
            runs.append(Run(policy.name, len(runs) + 1, event.at, _started_by(policy, event)))
    return tuple(replace(run, pauses=_within(pauses, run)) for run in runs)


def pauses_of(events: tuple[Event, ...]) -> tuple[Pause, ...]:
    """Return every time the case could not go on: its reporter was asked, or another case carried it."""
    done: list[Pause] = []
    opened: dict[str, Pause] = {}
    for event in events:
        if event.kind in _OPENS_PAUSE:
            name, why = _OPENS_PAUSE[event.kind]
            opened.setdefault(name, Pause(event.at, None, why))
        elif event.kind in _ENDS_PAUSE and (pause := opened.pop(_ENDS_PAUSE[event.kind], None)):
            done.append(replace(pause, until=event.at))
    return tuple(sorted((*done, *opened.values()), key=lambda pause: pause.since))


def _ending(policy: ClockPolicy, event: Event, severity: str, phase: Phase) -> tuple[str, bool] | None:
    if event.kind in _MET_BY[policy.name]:
        return f"{_words(event)} by {event.by}", True
    if phase.is_over:
        return f"{_words(event)} by {event.by}", False
    if not policy.asks(severity):
        return f"severity {severity or 'removed'} by {event.by}", False
    return None


def _started_by(policy: ClockPolicy, event: Event) -> str:
    return f"severity set by {event.by}" if policy.severities else f"{_words(event)} by {event.by}"


def _words(event: Event) -> str:
    return str(event.kind).replace("_", " ")


def _within(pauses: tuple[Pause, ...], run: Run) -> tuple[Pause, ...]:
    """Cut the pauses to the run; with its end, they end."""
    return tuple(
        Pause(max(p.since, run.started), _cut(p.until, run.ended), p.why)
        for p in pauses
        if (p.until is None or p.until > run.started) and (run.ended is None or p.since < run.ended)
    )


def _cut(until: datetime | None, ended: datetime | None) -> datetime | None:
    return ended if until is None else until if ended is None else min(until, ended)
