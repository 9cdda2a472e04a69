"""Which calls are compared: by their key, so that the same case is compared always or never."""

from __future__ import annotations

from random import random
from zlib import crc32

_WHOLE = 2**32


def is_sampled(share: float, key: str, salt: str) -> bool:
    """Tell whether a call is in the sample. A call without a key is drawn for itself.

    The same key stays in when the share grows: a sample of 0.2 holds the whole of a sample of 0.1.
    """
    if share >= 1.0:
        return True
    if share <= 0.0:
        return False
    if not key:
        return random() < share  # noqa: S311  (a sample is no secret)
    return crc32(f"{salt}\0{key}".encode("utf-8", "replace")) < share * _WHOLE
