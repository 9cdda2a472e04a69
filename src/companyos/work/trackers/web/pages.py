"""What the pages of trackers show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.work.trackers.queries import ChangeRow, ConnectionRow, DeliveryRow, IssueRow


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A connection with the names that people know."""

    row: ConnectionRow
    kind: str
    squad: str
    tenant: str
    by: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """Every connection, and the form for another. Context name: `page`."""

    now: datetime
    connections: tuple[Shown, ...]
    accounts: tuple[Choice, ...]
    squads: tuple[Choice, ...]
    tenants: tuple[Choice, ...]
    file: str
    problem: str = ""
    repository: str = ""


@dataclass(frozen=True, slots=True)
class OnePage:
    """One connection: what it needs there, and how the last messages went. Context name: `page`."""

    now: datetime
    shown: Shown
    hook: str
    how: str
    deliveries: tuple[DeliveryRow, ...]
    issues: tuple[IssueRow, ...]
    changes: tuple[ChangeRow, ...]
    may_change: bool
    problem: str = ""
