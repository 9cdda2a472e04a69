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
from companyos.change.comms.actions.release_drafting import draft_due_release_note, draft_release_note
from companyos.change.comms.actions.release_editing import approve_release_note, save_release_note
from companyos.change.comms.actions.release_publishing import Told, publish_release_note

__all__ = [
    "NoSuch",
    "NotYours",
    "Refused",
    "Told",
    "acknowledge",
    "announce",
    "approve_release_note",
    "draft_due_release_note",
    "draft_release_note",
    "end_of_notice",
    "forget",
    "move",
    "note_outcome",
    "open_all",
    "open_one",
    "publish_release_note",
    "save_release_note",
    "tell",
]
