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
    belongs,
    belongs_of,
    may_edit_release_notes,
    newest_release_note,
    note_key,
    release_note,
    release_notes,
    titles_of,
    version_of,
    versions_of,
)
from companyos.change.comms.queries.release_sources import happened

__all__ = [
    "as_told_to",
    "belongs",
    "belongs_of",
    "find",
    "find_by_key",
    "happened",
    "may_edit_release_notes",
    "newest_release_note",
    "news_of",
    "note_key",
    "notices",
    "reach",
    "receipts",
    "release_note",
    "release_notes",
    "titles_of",
    "unread",
    "version_of",
    "versions_of",
]
