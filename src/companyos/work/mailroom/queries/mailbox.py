"""How the mailbox stands, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from companyos.platform.mailbox import name_of
from companyos.work.mailroom.models import MailboxRead, SetAside

_MOST = 50


@dataclass(frozen=True, slots=True)
class SetAsideRow:
    sender: str
    size: int  # bytes
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """The mailbox that is read; `read_at` is None while it never was, `problem` says why the last look failed."""

    name: str
    read_at: datetime | None
    try_at: datetime | None
    failures: int
    problem: str
    taken: int
    set_aside: tuple[SetAsideRow, ...]


def mailbox() -> MailboxRow | None:
    """Return how the mailbox of COMPANYOS_IMAP_URL stands; None when none is set."""
    if not settings.IMAP_URL:
        return None
    name = name_of(settings.IMAP_URL)
    row = MailboxRead.objects.filter(pk=name).first()
    if row is None:
        return MailboxRow(name, None, None, 0, "", 0, ())
    aside = SetAside.objects.filter(mailbox=row).order_by("-at", "-id")[:_MOST]
    told = tuple(SetAsideRow(each.sender, each.size, each.reason, each.at) for each in aside)
    return MailboxRow(name, row.read_at, row.try_at, row.failures, row.problem, row.taken, told)
