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


class _More(Exception):
    """More than fits: on a page, or within the bound."""


class _Page:
    """What one copy is written on: C writes it in one piece, as long as it takes less than 64 KiB.

    Kept and used again, as a new pickler costs more than a small copy. Few lines of code and of memory on purpose: in a
    program that idles all of them are cold, and that is what a copy costs.
    """

    __slots__ = ("clear", "dump", "written")

    def __init__(self) -> None:
        pickler = pickle.Pickler(self, 5)
        self.dump, self.clear = pickler.dump, pickler.clear_memo
        self.written: Any = None

    def write(self, piece: Any) -> None:
        if self.written is not None:
            raise _More
        self.written = piece


class _Pages:
    """What a larger copy is written on, piece by piece, within the bound."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._room = MOST_BYTES

    def write(self, piece: Any) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise _More
        self.pieces.append(bytes(piece))  # no copy, but of a large bytearray, which comes as itself


_free: list[_Page] = []  # taken and given back, so that threads never share one


def packed(value: Any) -> bytes:
    """Copy a value. Raises NotCarried."""
    try:
        page = _free.pop()
    except IndexError:
        page = _Page()
    try:
        page.dump(value)
    except _More:
        return _packed_in_pieces(value)
    except Exception as problem:
        raise NotCarried(f"no copy: {problem}") from None
    data: bytes = page.written
    page.written = None
    page.clear()
    _free.append(page)
    return data


def _packed_in_pieces(value: Any) -> bytes:
    pages = _Pages()
    try:
        pickle.Pickler(pages, 5).dump(value)
    except _More:
        raise NotCarried("it takes more than is copied on the caller's time") from None
    except Exception as problem:
        raise NotCarried(f"no copy: {problem}") from None
    return b"".join(pages.pieces)


def unpacked(data: bytes) -> Any:
    """Return the copy. It was made by this very program."""
    return pickle.loads(data)  # noqa: S301
