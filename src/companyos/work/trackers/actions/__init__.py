"""The only writers of trackers."""

from __future__ import annotations

from companyos.work.trackers.actions.connecting import NotYours, Refused, connect, disconnect
from companyos.work.trackers.actions.marking import hear, send, try_again
from companyos.work.trackers.actions.receiving import NoSuchConnection, NotSigned, receive
from companyos.work.trackers.domain.types import Unreadable

__all__ = [
    "NoSuchConnection",
    "NotSigned",
    "NotYours",
    "Refused",
    "Unreadable",
    "connect",
    "disconnect",
    "hear",
    "receive",
    "send",
    "try_again",
]
