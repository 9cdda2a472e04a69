"""Why something was not done."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was changed; says why, and what to do."""


class NoSuch(Refused):
    """There is no such thing."""


class NotYours(Refused):
    """Somebody else does that."""


def with_reason(because: str, *, most: int = 500) -> str:
    """Return the reason, trimmed. Raises Refused without one."""
    said = " ".join(because.split())
    if not 3 <= len(said) <= most:
        raise Refused(f"Say why, in 3 to {most} characters: the reason is kept and shown.")
    return said
