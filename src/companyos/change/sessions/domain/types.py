"""Sessions as other rooms see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What people come together for. The monthly council is the roadmap's."""

    HUDDLE = "huddle"  # the teams that a stage affects, before it begins or when it just has
    OFFICE_HOURS = "office_hours"  # while a stage runs: bring what you are stuck on
    DOGFOOD_HOUR = "dogfood_hour"  # weekly: everybody tries what is in rollout
    CLINIC = "clinic"  # monthly: what was newly switched on, shown by those who built it


MINUTES: Mapping[Kind, int] = {
    Kind.HUDDLE: 15,
    Kind.OFFICE_HOURS: 30,
    Kind.DOGFOOD_HOUR: 60,
    Kind.CLINIC: 45,
}


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One point of an agenda and how long it takes. `link` leads to what it is about."""

    minutes: int
    says: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session. `ahead`: a huddle before its stage begins. `open_to_all`: everybody is invited, no list is kept.

    `sequence` rises with every change that a calendar must learn of.
    """

    id: str
    key: str
    kind: Kind
    title: str
    feature: str
    rollout: str
    stage: str
    attempt: int
    ahead: bool
    begins_at: datetime
    minutes: int
    host: str
    teams: tuple[str, ...]
    open_to_all: bool
    agenda: tuple[AgendaItem, ...]
    sequence: int
    changed_at: datetime
    outcome: str = ""
    held_at: datetime | None = None
    held_by: str = ""
    waived_at: datetime | None = None
    waived_by: str = ""
    waived_because: str = ""
    cancelled_at: datetime | None = None
    cancelled_by: str = ""
    cancelled_because: str = ""

    @property
    def ends_at(self) -> datetime:
        return self.begins_at + timedelta(minutes=self.minutes)

    @property
    def is_settled(self) -> bool:
        """Whether it was held, waived or cancelled: nothing of it moves any more."""
        return bool(self.held_at or self.waived_at or self.cancelled_at)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A session that there should be, as a rhythm or a rollout asks for it."""

    key: str
    kind: Kind
    title: str
    begins_at: datetime
    host: str
    agenda: tuple[AgendaItem, ...]
    feature: str = ""
    rollout: str = ""
    stage: str = ""
    attempt: int = 0
    ahead: bool = False
    teams: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()

    @property
    def open_to_all(self) -> bool:
        return self.kind in {Kind.DOGFOOD_HOUR, Kind.CLINIC}


@dataclass(frozen=True, slots=True)
class Attended:
    """Somebody who was there; `noted_by` is the host where they did not sign in themselves."""

    person: str
    at: datetime
    noted_by: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for a session, and its answer."""

    id: int
    by: str
    text: str
    at: datetime
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.answered_at is None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Material of a session for whoever was not there."""

    title: str
    link: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A session that was moved, given to another host or called off: by whom and why, and how it was before."""

    id: int
    what: str
    at: datetime
    by: str
    because: str
    before: Mapping[str, Any]
