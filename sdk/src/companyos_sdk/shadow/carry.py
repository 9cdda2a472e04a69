"""Values on their way to the other side: copied at once, within a bound, so that neither can touch the other's.

Pickling is done by the standard library in C, at a few microseconds a call, and stops as soon as the bound is reached.
"""

from __future__ import annotations

import pickle
from typing import Any, Final

MOST_BYTES = 256 * 1024


class NotCarried(Exception):
    """The values cannot be copied; says why."""


class _Shared:
    """Says that neither side changes its inputs, so that nothing is copied."""


SHARED: Final = _Shared()


class _Bounded:
    """A file that refuses what is too much. The pickler hands large texts over without copying them."""

    __slots__ = ("_left", "_parts")

    def __init__(self, most_bytes: int) -> None:
        self._parts: list[bytes] = []
        self._left = most_bytes

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise NotCarried("it takes more than is copied on the caller's time")
        self._parts.append(bytes(data))
        return len(data)

    def content(self) -> bytes:
        return b"".join(self._parts)


def packed(value: Any, most_bytes: int = MOST_BYTES) -> bytes:
    """Copy a value. Raises NotCarried."""
    file = _Bounded(most_bytes)
    try:
        pickle.Pickler(file, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    except NotCarried:
        raise
    except Exception as problem:
        raise NotCarried(f"it cannot be pickled: {problem}") from None
    return file.content()


def unpacked(data: bytes) -> Any:
    """Return the copy. It was made by this very program."""
    return pickle.loads(data)  # noqa: S301
