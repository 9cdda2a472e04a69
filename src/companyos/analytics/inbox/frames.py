"""The frame: the unit of the inbox log. A header with a checksum, then the payload.

The checksum covers the header too, so a frame is whole or it is not a frame.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import BinaryIO

MAGIC = b"COIN"
HEADER = struct.Struct("<4sBIIQQ")  # magic, kind, payload length, crc32, seq, received in epoch milliseconds
_CHECKED = struct.Struct("<BIQQ")
LARGEST_PAYLOAD = 16 * 1024 * 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FrameKind(IntEnum):
    EVENTS = 1  # NDJSON, one event a line, as the engine stores it
    QUARANTINE = 2  # NDJSON of {tenant, id, reason, body, received}
    SERVING = 3  # JSON {provider, version, wall}


_KINDS = frozenset(int(kind) for kind in FrameKind)


@dataclass(frozen=True, slots=True)
class Frame:
    kind: FrameKind
    seq: int
    received_ms: int
    payload: bytes

    @property
    def received(self) -> datetime:
        return _EPOCH + timedelta(milliseconds=self.received_ms)

    @property
    def size(self) -> int:
        return HEADER.size + len(self.payload)


def epoch_ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def packed(frame: Frame) -> bytes:
    crc = _checksum(frame.kind, frame.seq, frame.received_ms, frame.payload)
    header = HEADER.pack(MAGIC, frame.kind, len(frame.payload), crc, frame.seq, frame.received_ms)
    return header + frame.payload


def read_frame(stream: BinaryIO) -> Frame | None:
    """The next whole frame, or None at the end of the stream and at anything that is not a whole frame."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    magic, kind, length, crc, seq, received_ms = HEADER.unpack(header)
    if magic != MAGIC or kind not in _KINDS or length > LARGEST_PAYLOAD:
        return None
    payload = stream.read(length)
    if len(payload) < length or crc != _checksum(kind, seq, received_ms, payload):
        return None
    return Frame(FrameKind(kind), seq, received_ms, payload)


def _checksum(kind: int, seq: int, received_ms: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(_CHECKED.pack(kind, len(payload), seq, received_ms)))
