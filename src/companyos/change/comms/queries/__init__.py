"""What people were told: frozen rows out."""

from __future__ import annotations

from companyos.change.comms.queries.notices import (
    as_told_to,
    find,
    find_by_key,
    news_of,
    notices,
    reach,
    receipts,
    unread,
)
from companyos.change.comms.queries.release_notes import (
    asked_of,
    belongs,
    belongs_of,
    letter_of,
    may_edit_release_notes,
    newest_release_note,
    note_key,
    release_note,
    release_notes,
    texts_of,
    version_of,
    versions_of,
)
from companyos.change.comms.queries.release_sources import happened

__all__ = [
    "as_told_to",
    "asked_of",
    "belongs",
    "belongs_of",
    "find",
    "find_by_key",
    "happened",
    "letter_of",
    "may_edit_release_notes",
    "newest_release_note",
    "news_of",
    "note_key",
    "notices",
    "reach",
    "receipts",
    "release_note",
    "release_notes",
    "texts_of",
    "unread",
    "version_of",
    "versions_of",
]
