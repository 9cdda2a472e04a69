"""One spelling for a JSON value, so that equal values have equal bytes and equal checksums."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """`value` as JSON in UTF-8, keys sorted, no spaces. ValueError for NaN, infinity, lone surrogates."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def sha256_of(value: Any) -> str:
    """The SHA-256 of the canonical spelling, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
