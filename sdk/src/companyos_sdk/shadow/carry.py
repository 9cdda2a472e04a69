"""Values on their way to the other side: copied at once, within a bound, so that neither can touch the other's.

Pickling is done by the standard library in C, at a few microseconds a call, and stops as soon as the bound is reached.
"""

from __future__ import annotations

import mmap
import pickle
from typing import Any, Final

MOST_BYTES = 256 * 1024


class NotCarried(Exception):
    """The values cannot be copied; says why."""


class _Shared:
    """Says that neither side changes its inputs, so that nothing is copied."""


SHARED: Final = _Shared()


class _Page:
    """Room for one copy, and the pickler that fills it: making both anew costs more than a small copy."""

    __slots__ = ("clear", "dump", "room")

    def __init__(self) -> None:
        self.room = mmap.mmap(-1, MOST_BYTES)
        pickler = pickle.Pickler(self.room, 5)  # a file in C that takes no more than its size
        self.dump, self.clear = pickler.dump, pickler.clear_memo


_free: list[_Page] = []  # taken and given back, so that threads never share one


def packed(value: Any) -> bytes:
    """Copy a value. Raises NotCarried."""
    try:
        page = _free.pop()
    except IndexError:
        page = _Page()
    try:
        page.dump(value)
        return page.room[: page.room.tell()]
    except Exception as problem:
        why = (
            "it takes more than is copied on the caller's time"
            if _is_full(problem)
            else f"no copy: {problem}"
        )
        raise NotCarried(why) from None
    finally:
        page.clear()
        page.room.seek(0)
        _free.append(page)


def _is_full(problem: Exception) -> bool:
    return isinstance(problem, ValueError) and "out of range" in str(problem)


def unpacked(data: bytes) -> Any:
    """Return the copy. It was made by this very program."""
    return pickle.loads(data)  # noqa: S301
