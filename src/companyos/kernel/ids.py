"""Ids: UUIDv7, so that they sort by time. Derived from what they name, so that a replayed run names alike."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from uuid import UUID

_RANDOM_BITS = 74
_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def id_of(at: datetime, *name: object) -> UUID:
    """Return the UUIDv7 (RFC 9562) of the thing called `name`, born at `at`.

    The same name and moment give the same id: two writers of one fact meet in one row. Not a secret.
    """
    digest = blake2b("\x1f".join(map(str, name)).encode(), digest_size=10).digest()
    noise = int.from_bytes(digest, "big") >> (80 - _RANDOM_BITS)
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | _VERSION_7 | (high << 64) | _VARIANT | low)


def is_id(text: str) -> bool:
    """Tell whether a text is an id at all: what stands in an address may be anything."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
