"""The inbox log: where an event is safe. Everything downstream of it can be rebuilt from it."""

from __future__ import annotations

from companyos.analytics.inbox.frames import Frame, FrameKind
from companyos.analytics.inbox.log import InboxDamaged, InboxLog, LogBusy, LogUnwritable
from companyos.analytics.inbox.reader import Inbox, InboxReader
from companyos.analytics.inbox.window import DuplicateWindow, Sight

__all__ = [
    "DuplicateWindow",
    "Frame",
    "FrameKind",
    "Inbox",
    "InboxDamaged",
    "InboxLog",
    "InboxReader",
    "LogBusy",
    "LogUnwritable",
    "Sight",
]
