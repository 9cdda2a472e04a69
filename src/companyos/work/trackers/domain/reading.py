"""Reading what a tracker sends: moments in their several spellings, and text somewhere inside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from companyos.work.trackers.domain.types import Unreadable


def moment(said: Any) -> datetime:
    """Read a moment: ISO 8601, GitLab's `2026-11-26 09:00:00 UTC`, or milliseconds. Raises Unreadable."""
    try:
        if isinstance(said, int | float):
            return datetime.fromtimestamp(said / 1000, UTC)
        at = datetime.fromisoformat(str(said).replace(" UTC", "+00:00"))
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"{said!r} is no moment") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def text_at(said: Any, *path: str) -> str:
    for name in path:
        said = said.get(name) if isinstance(said, dict) else None
    return "" if said is None else str(said)
