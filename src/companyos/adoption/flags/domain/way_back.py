"""May somebody go back to the old path for a day, and when are they asked to try the new one again? (R180)

A day back only ever takes people out of a flag's answer. It moves no rollout and no flag, and nothing that is stopped
starts through it: when it ends, the flag answers as it would have answered without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from companyos.adoption.flags.domain.types import Kind

LASTS = timedelta(days=1)
MOST_IN_A_DAY = 5  # taps of one person: every tap publishes a ruleset
LONGEST_WORDS = 500


class Reason(StrEnum):
    """Why somebody goes back: one of four, with words beside it."""

    BROKEN = "broken"
    SLOWER = "slower"
    CANNOT_FIND = "cannot_find"
    MISSING = "missing"


REASONS = {
    Reason.BROKEN: "Something does not work",
    Reason.SLOWER: "It takes me longer",
    Reason.CANNOT_FIND: "I cannot find my way",
    Reason.MISSING: "Something I need is missing",
}


class Path(StrEnum):
    """Which path a person is on, and why."""

    NEW = "new"
    BACK = "back"  # on the old one, by their own word, until a moment
    OLD = "old"  # not on


@dataclass(frozen=True, slots=True)
class Tap:
    """What is known when somebody wants back. `may_for_all`: whether they lead the team that they speak for."""

    kind: Kind
    title: str
    stopped_because: str  # by whom and why nobody is on; empty while the flag answers
    people: int  # of those meant, who are on now
    already_back: int
    taps_today: int
    team: str = ""
    leads_team: bool = False


Refusal = str


def a_team_goes_back_with_its_lead(tap: Tap) -> Refusal:
    """One person does not decide for a team; its lead does."""
    if not tap.team or tap.leads_team:
        return ""
    return "A whole team goes back when its lead says so. Go back yourself, or ask the lead."


def there_is_a_path_to_go_back_to(tap: Tap) -> Refusal:
    """A release has an old path beside it; a permission, an experiment or a kill switch has none."""
    if tap.kind is Kind.RELEASE:
        return ""
    return f"{tap.title} brings nobody onto a new path, so there is none to go back from."


def a_stopped_flag_has_taken_everybody_back(tap: Tap) -> Refusal:
    """After a kill everybody is on the old path already, and stays there until a person says otherwise."""
    if not tap.stopped_because:
        return ""
    return f"Everybody is on the old path already: {tap.stopped_because}. Report what happened instead."


def whoever_goes_back_is_on(tap: Tap) -> Refusal:
    """Whoever is not on has nothing to leave."""
    if tap.people or tap.already_back:
        return ""
    return "You are on the old path already. Report what happened instead."


def a_day_has_so_many_taps(tap: Tap) -> Refusal:
    """Forth and back all day would tell nothing more, and every tap reaches every program."""
    if tap.already_back or tap.taps_today < MOST_IN_A_DAY:
        return ""
    return f"You went back {tap.taps_today} times within a day. Write into the case of the last time instead."


RULES: tuple[Callable[[Tap], Refusal], ...] = (
    a_team_goes_back_with_its_lead,
    there_is_a_path_to_go_back_to,
    a_stopped_flag_has_taken_everybody_back,
    whoever_goes_back_is_on,
    a_day_has_so_many_taps,
)


def why_not_back(tap: Tap) -> tuple[str, str]:
    """Return the rule that objects and what it says; two empty texts when they may go back."""
    for rule in RULES:
        if refusal := rule(tap):
            return rule.__name__, refusal
    return "", ""


@dataclass(frozen=True, slots=True)
class DayBack:
    """One person's day on the old path of one flag: until when, why, and the case that it opened."""

    id: str
    flag: str
    person: str
    team: str
    by: str
    at: datetime
    until: datetime
    reason: str
    case: str
    ended_at: datetime | None
    answered_at: datetime | None

    def lasts(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.until


def asks_again(day: DayBack, fixed_at: datetime | None) -> bool:
    """Whether a person is asked to try the new path again: what sent them back is fixed, and they have not answered."""
    return fixed_at is not None and day.answered_at is None
