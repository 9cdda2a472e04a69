"""The only writers of what people are told."""

from __future__ import annotations

from companyos.change.comms.actions.banners import end_of_notice
from companyos.change.comms.actions.by_hand import (
    announce_migration,
    announce_start,
    put_off,
    say_how_it_went,
)
from companyos.change.comms.actions.erasing import forget
from companyos.change.comms.actions.heads_ups import (
    DAILY,
    POSTS,
    alters_nothing,
    answer,
    hear,
    keep_telling,
    keep_threads,
    post_daily,
    tell_ahead,
    was_told,
)
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
    "DAILY",
    "POSTS",
    "NoSuch",
    "NotYours",
    "Refused",
    "Told",
    "acknowledge",
    "alters_nothing",
    "announce",
    "announce_migration",
    "announce_start",
    "answer",
    "approve_release_note",
    "draft_due_release_note",
    "draft_release_note",
    "end_of_notice",
    "forget",
    "hear",
    "keep_telling",
    "keep_threads",
    "move",
    "note_outcome",
    "open_all",
    "open_one",
    "post_daily",
    "publish_release_note",
    "put_off",
    "save_release_note",
    "say_how_it_went",
    "tell",
    "tell_ahead",
    "was_told",
]
