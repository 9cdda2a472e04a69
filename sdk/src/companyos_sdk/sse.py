"""Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) as they arrive."""

from __future__ import annotations

import json
from typing import Any

MOST_BYTES = 64 * 1024  # of one event


class TooLong(Exception):
    """What arrives is no stream of events: a single one has grown beyond all measure."""


class EventReader:
    """Takes the bytes of a stream piece by piece and gives the data of every whole event."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that end in this piece. Raises TooLong."""
        *lines, self._rest = (self._rest + piece).replace(b"\r\n", b"\n").split(b"\n")
        found = [data for line in lines if (data := self._take(line)) is not None]
        if len(self._rest) + self._size > MOST_BYTES:
            raise TooLong(f"one event is longer than {MOST_BYTES} bytes")
        return found

    def _take(self, line: bytes) -> bytes | None:
        if line:
            field, _, value = line.partition(b":")
            if field == b"data":
                self._data.append(value.removeprefix(b" "))
                self._size += len(value)
            return None
        data, self._data, self._size = self._data, [], 0
        return b"\n".join(data) if data else None


def version_told(data: bytes) -> int | None:
    """The version a message of the stream tells of, 0 when it says "refetch" without one; None for other messages."""
    try:
        message: Any = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("type") != "refetchEvaluation":
        return None
    version = message.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else 0
