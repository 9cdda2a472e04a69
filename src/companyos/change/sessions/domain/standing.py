"""How a session stands, from its row and the time. The first rule with an opinion wins; nothing of it is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from companyos.change.sessions.domain.types import SessionRow
from companyos.kernel.business_time import WorkingCalendar

TOLD_WITHIN = 1  # working days after its end, until somebody says how it went


class State(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    WAIVED = "waived"
    CANCELLED = "cancelled"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Standing:
    """A state with its reason and the rule that says so. `on_now`: it has begun and is not over."""

    state: State
    because: str
    rule: str
    on_now: bool = False

    @property
    def counts(self) -> bool:
        """Whether a gate that waits for it goes on."""
        return self.state in {State.HELD, State.WAIVED}


@dataclass(frozen=True, slots=True)
class Situation:
    session: SessionRow
    calendar: WorkingCalendar
    now: datetime

    @property
    def tell_until(self) -> datetime:
        return self.calendar.add_working_days(self.session.ends_at, TOLD_WITHIN)

    def said(self, at: datetime) -> str:
        """A moment in the company's own time."""
        return f"{at.astimezone(self.calendar.zone):%a %d %b %H:%M}"


def standing(session: SessionRow, *, calendar: WorkingCalendar, now: datetime) -> Standing:
    """Return how a session stands now."""
    situation = Situation(session, calendar, now)
    return next(found for rule in RULES if (found := rule(situation)))


def what_was_held_stays_held(s: Situation) -> Standing | None:
    """Somebody said that it took place and what came of it."""
    if s.session.held_at is None:
        return None
    late = s.session.held_at > s.tell_until
    words = f"held, as written down {s.said(s.session.held_at)}"
    return Standing(
        State.HELD, f"{words}, after the day it was due" if late else words, what_was_held_stays_held.__name__
    )


def a_waiver_is_answered_for(s: Situation) -> Standing | None:
    """Somebody from outside the squad answers for going on without it."""
    if s.session.waived_at is None:
        return None
    return Standing(State.WAIVED, f"waived: {s.session.waived_because}", a_waiver_is_answered_for.__name__)


def what_was_called_off_is_cancelled(s: Situation) -> Standing | None:
    """It was called off, with a reason."""
    if s.session.cancelled_at is None:
        return None
    return Standing(
        State.CANCELLED,
        f"called off: {s.session.cancelled_because}",
        what_was_called_off_is_cancelled.__name__,
    )


def what_nobody_speaks_of_was_missed(s: Situation) -> Standing | None:
    """A working day after its end nobody has said that it took place. A host who says so later still may."""
    if s.now <= s.tell_until:
        return None
    words = f"it was to end {s.said(s.session.ends_at)} and nobody has said that it took place"
    return Standing(State.MISSED, words, what_nobody_speaks_of_was_missed.__name__)


def what_is_over_waits_for_its_outcome(s: Situation) -> Standing | None:
    """It is over; its host says how it went, within a working day."""
    if s.now < s.session.ends_at:
        return None
    return Standing(
        State.PLANNED,
        f"over; its host says until {s.said(s.tell_until)} what came of it",
        what_is_over_waits_for_its_outcome.__name__,
    )


def what_has_begun_is_on(s: Situation) -> Standing | None:
    """It has begun and is not over."""
    if s.now < s.session.begins_at:
        return None
    words = f"on now, until {s.said(s.session.ends_at)}"
    return Standing(State.PLANNED, words, what_has_begun_is_on.__name__, on_now=True)


def what_is_to_come_is_planned(s: Situation) -> Standing:
    """It is still to come."""
    return Standing(
        State.PLANNED, f"begins {s.said(s.session.begins_at)}", what_is_to_come_is_planned.__name__
    )


RULES: tuple[Callable[[Situation], Standing | None], ...] = (
    what_was_held_stays_held,
    a_waiver_is_answered_for,
    what_was_called_off_is_cancelled,
    what_nobody_speaks_of_was_missed,
    what_is_over_waits_for_its_outcome,
    what_has_begun_is_on,
    what_is_to_come_is_planned,
)
