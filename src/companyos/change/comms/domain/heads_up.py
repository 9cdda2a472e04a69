"""What is to be told of a change that is still to come (R112).

A judgement over one frozen `Coming`: the first rule with an opinion wins, and says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from companyos.change.comms.domain.types import Size
from companyos.kernel.business_time import WorkingCalendar

MOVES_FROM = 1  # a date that moves by more working days than this is told


class Act(StrEnum):
    """What is done about a change to come."""

    TELL = "tell"  # those affected, and the channel
    TELL_NEWCOMERS = "tell_newcomers"  # those who are affected by now and were not; the channel knows
    SAY_MOVED = "say_moved"  # in the thread
    SAY_OPEN = "say_open"  # in the thread: nobody knows when
    CORRECT = "correct"  # the date on the notice, without a word
    WAIT = "wait"
    DAILY = "daily"  # only in the daily post, once it happens
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a change before. `for_when` was told aloud, `shown` stands on the notice."""

    for_when: datetime
    shown: datetime
    is_open: bool = False  # it was told that nobody knows when


@dataclass(frozen=True, slots=True)
class Coming:
    """A change that is to come. `overdue`: what it waits for should have happened, so its date is no promise."""

    size: Size
    happens_at: datetime
    affected: int
    told: Told | None = None
    newcomers: int = 0  # affected, and not told
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, why, and the rule that says so; `until` where it waits."""

    act: Act
    because: str
    rule: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    coming: Coming
    days: int
    calendar: WorkingCalendar
    now: datetime

    @property
    def moved_by(self) -> int:
        """Return by how many working days the date differs from the one that was told."""
        told, then = self.coming.told, self.coming.happens_at
        if told is None:
            return 0
        first, last = sorted((told.for_when, then))
        return self.calendar.working_days_between(first, last)


Opinion = tuple[Act, str, datetime | None] | None


def judge(coming: Coming, *, days: int, calendar: WorkingCalendar, now: datetime) -> Advice:
    """Say what is to be done now about a change that is told of `days` working days ahead."""
    seen = _Seen(coming, days, calendar, now)
    for rule in RULES:
        if said := rule(seen):
            act, because, until = said
            return Advice(act, because, rule.__name__, until)
    raise AssertionError("what comes is told")


def what_alters_nothing_goes_into_the_daily_post(seen: _Seen) -> Opinion:
    """A change that alters what nobody sees or must do gets no heads-up of its own."""
    if seen.coming.affected:
        return None
    return Act.DAILY, "it alters what nobody sees or must do", None


def an_overdue_change_says_so_once(seen: _Seen) -> Opinion:
    """More than a working day after the date that was told, people hear that it is open."""
    told = seen.coming.told
    if told is None or not seen.coming.overdue or told.is_open or seen.moved_by <= MOVES_FROM:
        return None
    return Act.SAY_OPEN, f"it was told for {_day(told.for_when)} and waits for its gates", None


def a_date_that_moved_is_told_in_the_thread(seen: _Seen) -> Opinion:
    """A date that moved by more than a working day, or that there is again, is told where the first one was."""
    told = seen.coming.told
    if told is None or seen.coming.overdue:
        return None
    if told.is_open:
        return Act.SAY_MOVED, f"there is a date again: {_day(seen.coming.happens_at)}", None
    if seen.moved_by <= MOVES_FROM:
        return None
    said = (
        f"moved by {seen.moved_by} working days, from {_day(told.for_when)} to {_day(seen.coming.happens_at)}"
    )
    return Act.SAY_MOVED, said, None


def whoever_joined_since_is_told(seen: _Seen) -> Opinion:
    """People who are affected by now and were not at the telling are told alone: everybody else knows."""
    if seen.coming.told is None or not seen.coming.newcomers:
        return None
    return Act.TELL_NEWCOMERS, f"{seen.coming.newcomers} of those affected were not told yet", None


def a_small_shift_is_put_right(seen: _Seen) -> Opinion:
    """A date that moved by a working day at most changes on the notice, and nobody is disturbed."""
    told = seen.coming.told
    if told is None or seen.coming.overdue or told.shown == seen.coming.happens_at:
        return None
    return (
        Act.CORRECT,
        f"the date is {_day(seen.coming.happens_at)}, within a working day of what was told",
        None,
    )


def what_was_told_is_not_told_again(seen: _Seen) -> Opinion:
    """One heads-up is enough."""
    if seen.coming.told is None:
        return None
    return Act.NOTHING, "everybody affected was told", None


def what_is_far_off_waits(seen: _Seen) -> Opinion:
    """Before the lead time nobody is told: what is told too early is forgotten."""
    tell_from = seen.calendar.take_working_days(seen.coming.happens_at, seen.days)
    if seen.now >= tell_from:
        return None
    ahead = f"{seen.days} working day{'s' * (seen.days != 1)}"
    return Act.WAIT, f"a {seen.coming.size} change is told {ahead} ahead, on {_day(tell_from)}", tell_from


def what_comes_soon_is_told(seen: _Seen) -> Opinion:
    """Within the lead time everybody affected is told; what was decided later than that, at once."""
    people = f"{seen.coming.affected} {'person' if seen.coming.affected == 1 else 'people'}"
    return Act.TELL, f"it comes {_day(seen.coming.happens_at)} and affects {people}", None


RULES: tuple[Callable[[_Seen], Opinion], ...] = (
    what_alters_nothing_goes_into_the_daily_post,
    an_overdue_change_says_so_once,
    a_date_that_moved_is_told_in_the_thread,
    whoever_joined_since_is_told,
    a_small_shift_is_put_right,
    what_was_told_is_not_told_again,
    what_is_far_off_waits,
    what_comes_soon_is_told,
)


def _day(at: datetime) -> str:
    return f"{at:%a %d %b %H:%M} UTC"
