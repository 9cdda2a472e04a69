"""Did this message come from the tracker? Compared in constant time."""

from __future__ import annotations

import hashlib
import hmac


def is_hmac(body: bytes, secret: str, said: str, *, prefix: str = "") -> bool:
    """Tell whether `said` is the hex HMAC-SHA256 of the body. Nothing is signed with an empty secret."""
    if not secret or not said.startswith(prefix):
        return False
    right = prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), said.encode())


def is_same(secret: str, said: str) -> bool:
    return bool(secret) and hmac.compare_digest(secret.encode(), said.encode())


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
