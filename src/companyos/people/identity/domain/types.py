"""People as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    EVALUATE = "evaluate"
    SYNC = "sync"  # whole flag sets, for providers that evaluate by themselves
    INGEST = "ingest"
    SERVING = "serving"
    PERSONAL = "personal"  # the management API, as that person


class Way(StrEnum):
    """How a person is written to, beside the pages."""

    MAIL = "mail"
    SLACK = "slack"


class Pace(StrEnum):
    """How soon a person hears of what needs no answer of theirs."""

    AT_ONCE = "at_once"
    WORKING_HOURS = "working_hours"
    DAILY = "daily"


EVERY_WAY = frozenset(Way)


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody, where they are written to, and how they chose to be. Without a way they read the pages."""

    slug: str
    name: str
    email: str
    ways: frozenset[Way] = EVERY_WAY
    pace: Pace = Pace.AT_ONCE


@dataclass(frozen=True, slots=True)
class PersonRow:
    slug: str
    name: str
    team: str
    department: str
    tenant: str  # where the person's cases run
    job_role: str = ""


@dataclass(frozen=True, slots=True)
class TeamRow:
    slug: str
    title: str
    department: str
    tenant: str
    lead: str
    people: tuple[str, ...]


class KeyKind(StrEnum):
    SERVER = "server"  # stays secret on a machine of ours
    BROWSER = "browser"  # everybody who loads the page can read it


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """What the edge must know of a key."""

    id: str
    sha256: str
    kind: KeyKind
    scopes: tuple[str, ...]
    tenants: tuple[str, ...]
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as people see it: everything but the key."""

    id: str
    label: str
    kind: KeyKind
    scopes: tuple[str, ...]
    tenants: tuple[str, ...]
    origins: tuple[str, ...]
    issued_at: datetime
    issued_by: str
    revoked_at: datetime | None
    revoked_by: str
    revoked_because: str
