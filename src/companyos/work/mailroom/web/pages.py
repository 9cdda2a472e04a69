"""What the pages of the mailroom show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.work.mailroom.queries import HookRow, MailboxRow


@dataclass(frozen=True, slots=True)
class Shown:
    """A webhook with the names that people know; `secret` only for who may add hooks."""

    row: HookRow
    tenant: str
    by: str
    secret: str


@dataclass(frozen=True, slots=True)
class HooksPage:
    """Context name: `page`."""

    now: datetime
    hooks: tuple[Shown, ...]
    tenants: tuple[tuple[str, str], ...]
    events: tuple[str, ...]
    may_add: bool
    problem: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """Context name: `page`. `sees_all`: who wrote what was set aside is for those who lead a team."""

    now: datetime
    box: MailboxRow | None
    folder: str
    sees_all: bool
