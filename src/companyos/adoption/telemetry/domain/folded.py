"""Events kept folded: those of weeks in the memory that unfolded ones of a day would take."""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from companyos.adoption.telemetry.domain.symptoms import Seen, place_of

A_BLOCK = 4096  # rows; one unfolded is 2 MB
_FAST = 1
_Texts = list[str]
_Columns = tuple[list[datetime], _Texts, _Texts, _Texts, _Texts, _Texts, _Texts, list[float | None]]
_columns_of = msgspec.msgpack.Decoder(_Columns)


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
        if self._open and place_of(self._open[0]) <= place_of(seen):
            return _is_among(seen, self._open)
        place = bisect_right(self._begins, place_of(seen), key=place_of)
        return place > 0 and _is_among(seen, _unfolded(self._blocks[place - 1]))


def _is_among(seen: Seen, ordered: list[Seen]) -> bool:
    place = bisect_left(ordered, place_of(seen), key=place_of)
    return place < len(ordered) and place_of(ordered[place]) == place_of(seen)


def _folded(events: list[Seen]) -> bytes:
    columns: _Columns = (
        [each.time for each in events],
        [each.id for each in events],
        [each.actor for each in events],
        [each.kind for each in events],
        [each.path for each in events],
        [each.event for each in events],
        [each.task for each in events],
        [each.latency_ms for each in events],
    )
    return zlib.compress(msgspec.msgpack.encode(columns), _FAST)


def _unfolded(block: bytes) -> list[Seen]:
    columns = _columns_of.decode(zlib.decompress(block))
    return [Seen(*row) for row in zip(*columns, strict=True)]
