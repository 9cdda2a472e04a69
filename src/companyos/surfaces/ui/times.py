"""Times as people read them: how long ago in short, the exact moment when asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def absolute(at: datetime) -> str:
    """`9 Nov 2026, 14:02 UTC`."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def day(at: datetime, now: datetime | None = None) -> str:
    """`9 Nov`, with the year when it is not the year of `now`."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b}" if now and at.year == now.astimezone(UTC).year else f"{at.day} {at:%b %Y}"


def relative(at: datetime, now: datetime) -> str:
    """`2 min ago`, `in 3 h`; beyond a week the day itself."""
    distance = now - at
    seconds = abs(distance.total_seconds())
    if seconds < _MINUTE:
        return "just now"
    if seconds >= 7 * _DAY:
        return day(at, now)
    span = _span(seconds)
    return f"{span} ago" if distance > timedelta(0) else f"in {span}"


def _span(seconds: float) -> str:
    for size, word in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {word}"
    return "moments"


def span(length: timedelta) -> str:
    """A length of time in its two largest units: `42 s`, `5 min`, `3 h 20 min`, `2 d 4 h`."""
    seconds = round(length.total_seconds())
    if seconds < _MINUTE:
        return f"{seconds} s" if seconds else "under 1 s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    large, small, one, other = (_HOUR, _MINUTE, "h", "min") if seconds < _DAY else (_DAY, _HOUR, "d", "h")
    rest = seconds % large // small
    return f"{seconds // large} {one} {rest} {other}" if rest else f"{seconds // large} {one}"
