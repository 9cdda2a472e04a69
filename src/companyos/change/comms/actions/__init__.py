"""The only writers of what people are told."""

from __future__ import annotations

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

__all__ = [
    "DAILY",
    "POSTS",
    "NoSuch",
    "NotYours",
    "Refused",
    "acknowledge",
    "alters_nothing",
    "announce",
    "announce_migration",
    "announce_start",
    "answer",
    "forget",
    "hear",
    "keep_telling",
    "keep_threads",
    "move",
    "note_outcome",
    "open_all",
    "open_one",
    "post_daily",
    "put_off",
    "say_how_it_went",
    "tell",
    "tell_ahead",
    "was_told",
]
