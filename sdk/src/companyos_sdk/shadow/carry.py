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


class _Full(Exception):
    """More than is copied."""


class _Page:
    """A pickler with a bound: making one anew costs more than a small copy, and what is small comes in one piece.

    Few lines of code and of memory on purpose: in a program that idles all of them are cold, and that is what it costs.
    """

    __slots__ = ("clear", "dump", "parts", "room")

    def __init__(self) -> None:
        pickler = pickle.Pickler(self, 5)  # C; it writes every 64 KiB
        self.dump, self.clear = pickler.dump, pickler.clear_memo
        self.parts: list[bytes] = []
        self.room = MOST_BYTES

    def write(self, part: Any) -> None:
        self.room -= len(part)
        if self.room < 0:
            raise _Full
        self.parts.append(bytes(part))  # no copy, but of a large bytearray, which comes as itself


_free: list[_Page] = []  # taken and given back, so that threads never share one


def packed(value: Any) -> bytes:
    """Copy a value. Raises NotCarried."""
    try:
        page = _free.pop()
    except IndexError:
        page = _Page()
    try:
        page.dump(value)
        parts = page.parts
        data = parts[0] if len(parts) == 1 else b"".join(parts)
    except _Full:
        raise NotCarried("it takes more than is copied on the caller's time") from None
    except Exception as problem:
        raise NotCarried(f"no copy: {problem}") from None
    page.clear()
    page.parts, page.room = [], MOST_BYTES
    _free.append(page)
    return data


def unpacked(data: bytes) -> Any:
    """Return the copy. It was made by this very program."""
    return pickle.loads(data)  # noqa: S301
