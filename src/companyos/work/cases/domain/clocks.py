"""SLA clocks (R83 to R86, R140): when each ran, how much time counted, and whether it was kept.

A clock is judged from the events of its case and the calendar of its squad, each time anew: nothing is counted up and
stored. `runs_of` reads the log, `judge` asks the rules in order, `stretches` explains every hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from companyos.kernel.business_time import EVERY_MOMENT, WHOLE_DAY, WorkingCalendar
from companyos.work.cases.domain.runs import ClockPolicy, Counts, Pause, Run, runs_of
from companyos.work.cases.domain.types import Event

_HOUR = timedelta(hours=1)


class ClockState(StrEnum):
    RUNNING = "running"
    SOON = "soon"  # past its warning
    BREACHED = "breached"  # over, and still asked for
    PAUSED = "paused"
    KEPT = "kept"
    MISSED = "missed"
    LIFTED = "lifted"  # not asked for any more before it was over: counts neither way

    @property
    def is_over(self) -> bool:
        return self in {ClockState.KEPT, ClockState.MISSED, ClockState.LIFTED}


@dataclass(frozen=True, slots=True)
class Situation:
    policy: ClockPolicy
    run: Run
    calendar: WorkingCalendar
    now: datetime

    @property
    def until(self) -> datetime:
        return self.run.ended or self.now

    @property
    def elapsed(self) -> timedelta:
        return elapsed(self.run, self.calendar, self.until)

    @property
    def measured(self) -> str:
        """How far it is: `31.5 h of 24 h on working days`."""
        days = {
            Counts.WORKING_DAYS: " on working days",
            Counts.WORKING_HOURS: " of working hours",
            Counts.WALL: "",
        }
        return f"{hours(self.elapsed)} of {hours(self.policy.limit)}{days[self.policy.counts]}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock says at one moment. `due_at` is None while it is paused: nobody knows."""

    clock: str
    run: int
    state: ClockState
    because: str
    rule: str
    started: datetime
    ended: datetime | None
    elapsed: timedelta
    limit: timedelta
    due_at: datetime | None
    warn_at: datetime | None

    @property
    def share(self) -> float:
        return self.elapsed / self.limit


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a clock's time and whether it counts."""

    start: datetime
    end: datetime
    counts: bool
    why: str

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def calendar_of(policy: ClockPolicy, squad: WorkingCalendar) -> WorkingCalendar:
    """Return the calendar a clock goes by: the squad's, or the wall's."""
    if policy.counts is Counts.WALL:
        return EVERY_MOMENT
    return replace(squad, hours=WHOLE_DAY) if policy.counts is Counts.WORKING_DAYS else squad


def readings(
    policies: Iterable[ClockPolicy], events: tuple[Event, ...], squad: WorkingCalendar, now: datetime
) -> tuple[Reading, ...]:
    """Judge every run of every clock of a case."""
    return tuple(
        judge(Situation(policy, run, calendar_of(policy, squad), now))
        for policy in policies
        for run in runs_of(policy, events)
    )


def judge(s: Situation) -> Reading:
    """Say how a clock stands: the first rule with an opinion."""
    for rule in RULES:
        if answer := rule(s):
            state, because = answer
            limit, warn = (
                moment_of(s.run, s.calendar, length)
                for length in (s.policy.limit, s.policy.limit * s.policy.warn_at)
            )
            return Reading(
                s.policy.name, s.run.n, state, because, rule.__name__, s.run.started, s.run.ended, s.elapsed,
                s.policy.limit, limit, warn,
            )  # fmt: skip
    raise AssertionError("time_runs always answers")


Answer = tuple[ClockState, str] | None


def what_came_in_time_is_kept(s: Situation) -> Answer:
    """A clock that got what it asks for within its limit is kept; the last moment counts as within."""
    kept = s.run.met and s.elapsed <= s.policy.limit
    return (ClockState.KEPT, f"{s.measured}, ended by {s.run.ended_by}") if kept else None


def what_ended_late_is_missed(s: Situation) -> Answer:
    """A clock that ended after its limit was missed, whatever ended it: closing a late case saves nobody."""
    late = s.run.ended is not None and s.elapsed > s.policy.limit
    return (ClockState.MISSED, f"{s.measured}, ended by {s.run.ended_by}") if late else None


def what_is_not_asked_any_more_is_lifted(s: Situation) -> Answer:
    """A clock that ended early without what it asks for counts neither way."""
    return (ClockState.LIFTED, f"{s.run.ended_by} after {s.measured}") if s.run.ended else None


def time_over_is_a_breach(s: Situation) -> Answer:
    """More time than the limit has counted, and it is still asked for; a pause now does not undo that."""
    return (ClockState.BREACHED, s.measured) if s.elapsed > s.policy.limit else None


def a_pause_holds_the_clock(s: Situation) -> Answer:
    """While the squad cannot go on, nothing counts."""
    pause = next((p for p in s.run.pauses if p.until is None), None)
    return (ClockState.PAUSED, f"{pause.why}; {s.measured}") if pause else None


def little_time_left_warns(s: Situation) -> Answer:
    """Past the warning share (75 % by default) somebody should hurry."""
    soon = s.elapsed >= s.policy.limit * s.policy.warn_at
    return (ClockState.SOON, s.measured) if soon else None


def time_runs(s: Situation) -> Answer:
    """Nothing else holds: the clock runs."""
    return ClockState.RUNNING, s.measured


RULES: tuple[Callable[[Situation], Answer], ...] = (
    what_came_in_time_is_kept,
    what_ended_late_is_missed,
    what_is_not_asked_any_more_is_lifted,
    time_over_is_a_breach,
    a_pause_holds_the_clock,
    little_time_left_warns,
    time_runs,
)


def elapsed(run: Run, calendar: WorkingCalendar, until: datetime) -> timedelta:
    """Add up the time that counts, from the start to `until`."""
    pieces = (calendar.working_time_between(start, end or until) for start, end in _active(run, until))
    return sum(pieces, timedelta())


def moment_of(run: Run, calendar: WorkingCalendar, length: timedelta) -> datetime | None:
    """Return when `length` has counted if the clock runs on; None when a pause that nobody has ended stands before."""
    for start, end in _active(run, None):
        if end is None:
            return calendar.add_working_time(start, length)
        counted = calendar.working_time_between(start, end)
        if counted >= length:
            return calendar.add_working_time(start, length)
        length -= counted
    return None


def stretches(run: Run, calendar: WorkingCalendar, until: datetime) -> tuple[Stretch, ...]:
    """Explain a clock: every piece of its time, whether it counts, and why not."""
    end = run.ended or until
    told: list[Stretch] = []
    for piece in sorted(_pieces(run, calendar, end), key=lambda piece: piece.start):
        if told and (told[-1].counts, told[-1].why, told[-1].end) == (piece.counts, piece.why, piece.start):
            told[-1] = replace(told[-1], end=piece.end)
        else:
            told.append(piece)
    return tuple(told)


def _pieces(run: Run, calendar: WorkingCalendar, end: datetime) -> Iterator[Stretch]:
    for start, stop in _active(run, end):
        for since, to, works in calendar.spans(start, stop or end):
            yield Stretch(since, to, works, "counts" if works else closed_because(calendar, since, to))
    for pause in _joined(run.pauses, end):
        if pause.since < end and pause.until and pause.since < pause.until:
            yield Stretch(max(pause.since, run.started), pause.until, False, pause.why)


def closed_because(calendar: WorkingCalendar, since: datetime, to: datetime) -> str:
    """Say why no time counts: a holiday by its date, else a day or hour off."""
    first, last = (
        since.astimezone(calendar.zone).date(),
        (to - timedelta(seconds=1)).astimezone(calendar.zone).date(),
    )
    holidays = sorted(day for day in calendar.holidays if first <= day <= last)
    if holidays:
        return f"holiday on {', '.join(f'{day.day} {day:%b}' for day in holidays)}"
    return "no working day" if calendar.hours == WHOLE_DAY else "outside working hours"


def _active(run: Run, until: datetime | None) -> Iterator[tuple[datetime, datetime | None]]:
    """Cut the pauses out of a run. The last piece ends with `until`, and is open when there is none."""
    at = run.started
    for pause in _joined(run.pauses, until):
        if pause.since > at:
            yield at, pause.since
        if pause.until is None:
            return
        at = max(at, pause.until)
    if until is None or at < until:
        yield at, until


def _joined(pauses: tuple[Pause, ...], until: datetime | None) -> Iterator[Pause]:
    """Join pauses that overlap, end what is open with `until`, and leave out what begins after it."""
    current: Pause | None = None
    begun = [p for p in pauses if until is None or p.since < until]
    for pause in sorted(begun, key=lambda p: p.since):
        ended = replace(pause, until=_earlier(pause.until, until))
        if current is None or current.until is None or ended.since > current.until:
            if current is not None:
                yield current
            if current is not None and current.until is None:
                return
            current = ended
        else:
            current = replace(current, until=_later(current.until, ended.until))
    if current is not None:
        yield current


def _earlier(a: datetime | None, b: datetime | None) -> datetime | None:
    return b if a is None else a if b is None else min(a, b)


def _later(a: datetime | None, b: datetime | None) -> datetime | None:
    return None if a is None or b is None else max(a, b)


def hours(length: timedelta) -> str:
    """`24 h`, `31.5 h`."""
    return f"{length / _HOUR:.1f}".removesuffix(".0") + " h"
