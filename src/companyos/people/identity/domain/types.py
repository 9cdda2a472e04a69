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


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody, and where they are written to."""

    slug: str
    name: str
    email: str


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
