"""Notices as other rooms see them: what somebody is told, who was told, who has read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a notice is about."""

    STAGE = "stage"  # a stage of a rollout switches people on
    FLAG = "flag"  # a change of a flag alters what somebody sees
    MIGRATION = "migration"
    RELEASE_NOTE = "release_note"
    SESSION = "session"  # an invitation: huddle, office hours, clinic
    RECOGNITION = "recognition"  # a badge, a credit, the spotlight, a claim
    BY_HAND = "by_hand"  # somebody who leads a team has something to say


class Size(StrEnum):
    """How much of telling a change needs (R115, P6)."""

    MINOR = "minor"
    MAJOR = "major"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One thing that people are told. `changes_at` is when the change happens that it tells of."""

    id: str
    key: str
    kind: Kind
    size: Size
    feature: str
    title: str
    words: str
    link: str
    at: datetime
    by: str
    changes_at: datetime | None
    needs_ack: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class NewsRow:
    """A notice as one of its readers has it."""

    notice: NoticeRow
    opened_at: datetime | None
    acknowledged_at: datetime | None

    @property
    def waits_for_a_word(self) -> bool:
        return self.notice.needs_ack and self.acknowledged_at is None

    @property
    def is_unread(self) -> bool:
        return self.opened_at is None or self.waits_for_a_word


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of one reader of a notice."""

    person: str
    told_at: datetime
    opened_at: datetime | None
    acknowledged_at: datetime | None
