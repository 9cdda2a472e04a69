"""What is refused, with words for the person who asked."""

from __future__ import annotations


class Refused(Exception):
    """What was asked cannot be done; says why. Nothing was changed."""


class NotYours(Refused):
    """Somebody else does that."""


class NoSuch(Refused):
    """It does not exist, or not for this person: the answer is the same."""


def with_reason(because: str) -> str:
    """Return the reason, trimmed. Raises Refused without one."""
    if len(because.strip()) < 3:
        raise Refused("Say why: a reason is kept, and everybody it concerns reads it.")
    return because.strip()[:2_000]
