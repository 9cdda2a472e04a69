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

__all__ = ["as_told_to", "find", "find_by_key", "news_of", "notices", "reach", "receipts", "unread"]
