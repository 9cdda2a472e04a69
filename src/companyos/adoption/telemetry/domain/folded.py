"""Events kept folded: those of weeks in the memory that unfolded ones of a day would take."""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter

import msgspec

from companyos.adoption.telemetry.domain.symptoms import Seen

A_BLOCK = 4096  # rows; one unfolded is 2 MB
_FAST = 1
_Texts = list[str]
_Columns = tuple[list[datetime], _Texts, _Texts, _Texts, _Texts, _Texts, _Texts, list[float | None]]
_columns_of = msgspec.msgpack.Decoder(_Columns)
_fields = attrgetter("time", "id", "actor", "kind", "path", "event", "task", "latency_ms")


class Folded:
    """Events in the order they were put in. The newest stand as they are; all before are packed, a block at a time."""

    def __init__(self, events: Iterable[Seen] = ()) -> None:
        self._blocks: list[bytes] = []
        self._begins: list[Seen] = []  # the first event of each block
        self._open: list[Seen] = []
        for each in events:
            self.append(each)

    def append(self, seen: Seen) -> None:
        self._open.append(seen)
        if len(self._open) == A_BLOCK:
            self._blocks.append(_folded(self._open))
            self._begins.append(self._open[0])
            self._open = []

    def __iter__(self) -> Iterator[Seen]:
        for block in self._blocks:
            yield from _unfolded(block)
        yield from self._open

    def __len__(self) -> int:
        return len(self._blocks) * A_BLOCK + len(self._open)

    def holds(self, seen: Seen) -> bool:
        """Tell whether this event is among them; they must have come in (time, id) order."""
        if self._open and self._open[0] <= seen:
            return _is_among(seen, self._open)
        place = bisect_right(self._begins, seen)
        return place > 0 and _is_among(seen, _unfolded(self._blocks[place - 1]))


def _is_among(seen: Seen, ordered: list[Seen]) -> bool:
    place = bisect_left(ordered, seen)
    return place < len(ordered) and ordered[place] == seen


def _folded(events: Iterable[Seen]) -> bytes:
    columns = tuple(zip(*map(_fields, events), strict=True))
    return zlib.compress(msgspec.msgpack.encode(columns), _FAST)


def _unfolded(block: bytes) -> list[Seen]:
    columns = _columns_of.decode(zlib.decompress(block))
    return [Seen(*row) for row in zip(*columns, strict=True)]
