"""What people were told: frozen rows out."""

from __future__ import annotations

from companyos.change.comms.queries.heads_ups import (
    ChangeMadeRow,
    HeadsUpRow,
    changes_made,
    heads_up,
    heads_ups_open,
    knew,
    minor_changes,
    readers_of,
    telling,
    told_of,
)
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

__all__ = [
    "ChangeMadeRow",
    "HeadsUpRow",
    "as_told_to",
    "changes_made",
    "find",
    "find_by_key",
    "heads_up",
    "heads_ups_open",
    "knew",
    "minor_changes",
    "news_of",
    "notices",
    "reach",
    "readers_of",
    "receipts",
    "telling",
    "told_of",
    "unread",
]
