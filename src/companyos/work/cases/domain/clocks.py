"""SLA clocks (R83 to R86, R140): when each ran, how much time counted, and whether it was kept.

A clock is judged from the events of its case and the calendar of its squad, each time anew: nothing is counted up and
stored. `runs_of` reads the log, `judge` asks the rules in order, `measuring.stretches` explains every hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from companyos.kernel.business_time import EVERY_MOMENT, WHOLE_DAY, WorkingCalendar
from companyos.work.cases.domain.measuring import elapsed, hours, moment_of
from companyos.work.cases.domain.runs import ClockPolicy, Counts, Run, runs_of
from companyos.work.cases.domain.types import Event


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
