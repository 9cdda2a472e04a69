"""Times as clients write them, and the correction of clocks that are wrong.

A sender says when it sent: what its clock then showed, against ours, is its error. Below five seconds it is the
journey, not the clock, and nothing is changed. A corrected event keeps the time as sent in `$as_sent`, so that the
same event sent again is still seen to be the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

AS_SENT = "$as_sent"
JOURNEY = timedelta(seconds=5)
_NO_CORRECTION = timedelta()
_MILLISECONDS_FROM = 1e11
_LATEST_SECONDS = 7_258_118_400  # the year 2200


def moment(told: Any) -> datetime | None:
    """A time in ISO 8601 (without a zone: UTC), or in seconds or milliseconds since 1970. None for anything else."""
    try:
        if isinstance(told, str):
            return _in_utc(datetime.fromisoformat(told.strip()))
        if isinstance(told, int | float) and not isinstance(told, bool):
            seconds = told / 1000 if abs(told) >= _MILLISECONDS_FROM else told
            return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST_SECONDS else None
    except (ValueError, OverflowError, OSError):
        return None
    return None


def of_nanoseconds(nanoseconds: int) -> datetime | None:
    """An OTLP time; 0 means that none was told."""
    if not 0 < nanoseconds < _LATEST_SECONDS * 10**9:
        return None
    return datetime.fromtimestamp(nanoseconds // 10**6 / 1000, UTC)


def correction(sent_at: Any, now: datetime) -> timedelta:
    """What to add to a sender's times, by what its clock showed when it sent."""
    told = moment(sent_at)
    if told is None:
        return _NO_CORRECTION
    error = now - told
    return error if abs(error) >= JOURNEY else _NO_CORRECTION


def _in_utc(told: datetime) -> datetime:
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
