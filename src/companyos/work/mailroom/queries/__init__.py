"""The mailroom: frozen rows out."""

from __future__ import annotations

from companyos.work.mailroom.queries.hooks import HookRow, hooks, may_add
from companyos.work.mailroom.queries.mailbox import MailboxRow, SetAsideRow, mailbox

__all__ = ["HookRow", "MailboxRow", "SetAsideRow", "hooks", "mailbox", "may_add"]
