"""Completing a block of events whose insert did not come back: the process died in it, or the engine did.

A token alone is not enough. The engine cuts a block by month and notes each part's token just before it keeps the
part; killed between the two, it would take the second try of that part for a repetition and drop it. So a second try
asks what is there and adds what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

_AT_ONCE = 1000
Held = Callable[[dict[str, Any]], set[tuple[str, str]]]


class _Row(msgspec.Struct):
    tenant: str
    id: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """The events of one block, line by line, with what identifies them."""

    lines: tuple[bytes, ...]
    rows: tuple[_Row, ...]

    @classmethod
    def of(cls, ndjson: bytes) -> Block:
        lines = tuple(line for line in ndjson.splitlines() if line)
        return cls(lines, tuple(msgspec.json.decode(line, type=_Row) for line in lines))

    def missing(self, held: Held) -> bytes:
        """Return the lines that are not held, as NDJSON."""
        known = {key for question in self._questions() for key in held(question)}
        pairs = zip(self.lines, self.rows, strict=True)
        return b"".join(line + b"\n" for line, row in pairs if (row.tenant, row.id) not in known)

    def days(self) -> list[str]:
        """Return the UTC days of the events."""
        return sorted({f"{row.time:%Y-%m-%d}" for row in self.rows})

    def _questions(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self.rows), _AT_ONCE):
            some = self.rows[start : start + _AT_ONCE]
            times = [row.time for row in some]
            yield {
                "tenants": sorted({row.tenant for row in some}),
                "ids": [row.id for row in some],
                "since": int(min(times).timestamp() * 1000),
                "until": int((max(times) + timedelta(milliseconds=2)).timestamp() * 1000),
            }
