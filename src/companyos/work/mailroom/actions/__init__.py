"""The only writers of the mailroom."""

from __future__ import annotations

from companyos.work.mailroom.actions.hooks import Refused, add_hook, end_hook, tell_hooks
from companyos.work.mailroom.actions.letters import Ignored, NotTaken, forget_letters, take_letter
from companyos.work.mailroom.actions.mailbox import forget_set_aside, read_mailbox
from companyos.work.mailroom.actions.slack import NotSigned, take_slack
from companyos.work.mailroom.actions.telling import write_to_people

__all__ = [
    "Ignored",
    "NotSigned",
    "NotTaken",
    "Refused",
    "add_hook",
    "end_hook",
    "forget_letters",
    "forget_set_aside",
    "read_mailbox",
    "take_letter",
    "take_slack",
    "tell_hooks",
    "write_to_people",
]
