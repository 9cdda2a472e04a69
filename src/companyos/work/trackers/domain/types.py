"""The words between a case and a tracker's issue, whichever tracker it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Field(StrEnum):
    """What is kept alike on both sides. Comments and links are only added, so they never disagree."""

    STATUS = "status"
    SEVERITY = "severity"


class Status(StrEnum):
    """Where an issue stands, in words that every tracker has."""

    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"


class Side(StrEnum):
    HERE = "here"
    THERE = "there"


@dataclass(frozen=True, slots=True)
class Change:
    """One field changed on one side: by whom, when, and whether that was a person."""

    field: Field
    value: str
    at: datetime
    by: str
    is_person: bool
    side: Side


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a tracker's API; `then` reads the answer and says what to ask next."""

    method: str
    path: str
    json: Any = None
    then: Callable[[Any], Call | None] | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """An issue as its tracker calls it, and where a person opens it."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A case as it is sent to a tracker."""

    title: str
    body: str
    type: str
    severity: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a tracker's message tells: about which issue, by whom, when, and what of it we keep alike."""

    issue: Ref
    title: str
    body: str
    by: str
    is_person: bool
    at: datetime
    is_new: bool = False
    values: Mapping[Field, str] = field(default_factory=dict)
    comment: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """How an instance signs in at a tracker; from a file beside the data, never from the database."""

    name: str
    kind: str
    url: str
    token: str
    secret: str  # that the tracker signs its messages with
    login: str = ""  # who we are there


class Unreadable(ValueError):
    """A tracker's message that says nothing we know."""


Headers = Mapping[str, str]  # by lower-case name


class Tracker(Protocol):
    """A tracker, as data and pure functions: what to send, and what was said."""

    kind: str
    title: str
    repository_hint: str
    default_url: str

    def signs_in(self, token: str) -> dict[str, str]:
        """Return the headers that prove who we are."""

    def create(self, repository: str, draft: Draft) -> Call: ...

    def created(self, answer: Any) -> Ref: ...

    def recent(self, repository: str) -> Call:
        """Ask for the newest issues, so that one that was made just before a crash is found again."""

    def read_recent(self, answer: Any) -> tuple[tuple[Ref, str], ...]:
        """Return each of them with its text."""

    def set(self, repository: str, issue: str, what: Field, value: str, before: str) -> tuple[Call, ...]: ...

    def comment(self, repository: str, issue: str, text: str) -> Call: ...

    def comments(self, repository: str, issue: str) -> Call: ...

    def read_comments(self, answer: Any) -> tuple[str, ...]: ...

    def is_signed(self, headers: Headers, body: bytes, secret: str, now: datetime) -> bool: ...

    def delivery(self, headers: Headers, body: bytes) -> str:
        """Return what the tracker calls this message: the same when it is sent again."""

    def read(self, headers: Headers, said: Any, repository: str) -> Heard | None:
        """Return what a message tells; None for what is none of our business. Raises Unreadable."""
