"""What the mailroom does by itself: read the mailbox."""

from __future__ import annotations

from datetime import datetime

from companyos.work.mailroom import actions


def read_mailbox(now: datetime) -> int:
    """Take what has come by mail; says how many mails became cases or words in one."""
    return actions.read_mailbox(now=now)
