"""Which banner does a person see on this page?

At most one. `choose` asks the rules in order over one frozen `Situation`; the first with an opinion wins and says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_NEW = 3  # banners that are not critical, newly shown to a person within `LATELY`
LATELY = timedelta(hours=24)


class Severity(StrEnum):
    """How much a banner matters to whoever sees it."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a banner is for: whoever is in one of these."""

    tenants: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    def holds(self, *, tenant: str, team: str, department: str) -> bool:
        return tenant in self.tenants or team in self.teams or department in self.departments


@dataclass(frozen=True, slots=True)
class BannerRow:
    """A banner. The people of its `notice` are in its audience, too. The lowest `priority` comes first."""

    id: str
    title: str
    words: str
    link: str
    link_words: str
    severity: Severity
    audience: Audience
    notice: str
    starts_at: datetime
    ends_at: datetime
    dismissible: bool
    needs_ack: bool
    priority: int
    at: datetime
    by: str
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_because: str = ""

    @property
    def over_at(self) -> datetime:
        return min(self.ends_at, self.ended_at or self.ends_at)

    def is_in_force(self, now: datetime) -> bool:
        return self.starts_at <= now < self.over_at

    def is_coming(self, now: datetime) -> bool:
        return now < self.starts_at < self.over_at


@dataclass(frozen=True, slots=True)
class Offered:
    """A banner as one person has it: what they read, and whether they were shown it and have answered."""

    id: str
    severity: Severity
    title: str
    words: str
    link: str
    link_words: str
    dismissible: bool
    needs_ack: bool
    priority: int
    starts_at: datetime
    over_at: datetime
    was_shown: bool = False
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """One person at one moment. `new_to_them` is when each banner that is not critical was first shown to them."""

    now: datetime
    offered: tuple[Offered, ...] = ()
    new_to_them: tuple[datetime, ...] = ()

    @property
    def in_force(self) -> list[Offered]:
        return [each for each in self.offered if each.starts_at <= self.now < each.over_at]

    @property
    def waiting(self) -> list[Offered]:
        """Return what they have not answered, the lowest priority first, then the oldest start."""
        unanswered = [each for each in self.in_force if not each.is_answered]
        return sorted(unanswered, key=lambda each: (each.priority, each.starts_at, each.id))

    @property
    def lately(self) -> int:
        return sum(at > self.now - LATELY for at in self.new_to_them)

    def first(self, severity: Severity) -> Offered | None:
        """Return the first of a severity that may be shown: on a full day only what is not new to them."""
        day_is_full = self.lately >= MOST_NEW and severity is not Severity.CRITICAL
        return next(
            (
                each
                for each in self.waiting
                if each.severity is severity and (each.was_shown or not day_is_full)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """The banner that is shown, or none; by which rule and why."""

    shown: Offered | None
    because: str
    rule: str

    @property
    def depends_on_the_day(self) -> bool:
        """Whether it could be another one if others were new to them today."""
        found = self.shown
        return found is not None and not found.was_shown and found.severity is not Severity.CRITICAL


Answer = tuple[Offered | None, str] | None


def without_a_banner_nothing_is_shown(s: Situation) -> Answer:
    """Most days there is no banner for a person."""
    return None if s.in_force else (None, "no banner is in force for them")


def who_has_answered_is_left_alone(s: Situation) -> Answer:
    """What was dismissed or acknowledged never comes back."""
    return None if s.waiting else (None, f"all {len(s.in_force)} in force were dismissed or acknowledged")


def a_critical_one_comes_first(s: Situation) -> Answer:
    """Before anything else, and however many banners were new today."""
    return _told(s, s.first(Severity.CRITICAL))


def a_warning_comes_before_information(s: Situation) -> Answer:
    """Where nothing critical waits, a warning is next."""
    return _told(s, s.first(Severity.WARNING))


def information_comes_last(s: Situation) -> Answer:
    """Where nothing else waits."""
    return _told(s, s.first(Severity.INFO))


def a_full_day_shows_nothing_new(s: Situation) -> Answer:
    """Three new ones within 24 hours are enough; the others wait, but for critical ones."""
    full = f"{s.lately} were new to them within 24 hours, {MOST_NEW} are the most"
    return None, f"{full}; {'1 waits' if len(s.waiting) == 1 else f'{len(s.waiting)} wait'}"


# What matters most first: the order is the policy.
RULES: tuple[Callable[[Situation], Answer], ...] = (
    without_a_banner_nothing_is_shown,
    who_has_answered_is_left_alone,
    a_critical_one_comes_first,
    a_warning_comes_before_information,
    information_comes_last,
    a_full_day_shows_nothing_new,
)


def choose(situation: Situation) -> Choice:
    """Return the one banner that a person sees, why, and which rule said so."""
    for rule in RULES:
        if answer := rule(situation):
            shown, because = answer
            return Choice(shown, because, rule.__name__)
    raise AssertionError("a_full_day_shows_nothing_new always answers")


def _told(s: Situation, found: Offered | None) -> Answer:
    if found is None:
        return None
    others, since = len(s.waiting) - 1, f"priority {found.priority}, since {found.starts_at:%d %b %Y, %H:%M}"
    waits = "1 other waits" if others == 1 else f"{others or 'no'} others wait"
    return found, f"{found.severity}, {since}; {waits}"
