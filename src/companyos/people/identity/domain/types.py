"""People as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    EVALUATE = "evaluate"
    INGEST = "ingest"
    SERVING = "serving"
    PERSONAL = "personal"  # the management API, as that person


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


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """What the edge must know of a key."""

    id: str
    sha256: str
    scopes: tuple[str, ...]
    tenants: tuple[str, ...]
