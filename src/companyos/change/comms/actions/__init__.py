"""The only writers of what people are told."""

from __future__ import annotations

from companyos.change.comms.actions.banners import end_of_notice
from companyos.change.comms.actions.erasing import forget
from companyos.change.comms.actions.notices import (
    acknowledge,
    announce,
    move,
    note_outcome,
    open_all,
    open_one,
    tell,
)
from companyos.change.comms.actions.refusals import NoSuch, NotYours, Refused

__all__ = [
    "NoSuch",
    "NotYours",
    "Refused",
    "acknowledge",
    "announce",
    "end_of_notice",
    "forget",
    "move",
    "note_outcome",
    "open_all",
    "open_one",
    "tell",
]
