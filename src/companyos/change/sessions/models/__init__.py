"""Tables of sessions. Private to this room."""

from __future__ import annotations

from companyos.change.sessions.models.sessions import (
    Attendance,
    FeedKey,
    Invited,
    Material,
    Session,
    SessionChange,
    SessionQuestion,
)

__all__ = [
    "Attendance",
    "FeedKey",
    "Invited",
    "Material",
    "Session",
    "SessionChange",
    "SessionQuestion",
]
