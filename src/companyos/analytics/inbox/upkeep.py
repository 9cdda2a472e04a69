"""What becomes of old files of the inbox log: people are taken out of them, and at last they go.

Files that are still written to are left alone; the log begins a new one every hour. A file is replaced by one of the
same length, frame by frame, so whoever has it half read goes on at the same place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import msgspec

from companyos.analytics.events import StoredEvent
from companyos.analytics.inbox.frames import Frame, FrameKind, packed
from companyos.analytics.inbox.segments import InboxDamaged, Segment, segments_in, sync_folder

_LEAVES_OUT = {"actor": "", "by": "", "case": "", "task": "", "props": "{}"}
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Blanked:
    """How many lines lost the person, and whether the newest file still names them: it is for another time."""

    lines: int
    remains: bool


def blank(folder: Path, names: Sequence[str], *, drained: int) -> Blanked:
    """Take a person out of every closed file whose frames are all drained. Raises InboxDamaged."""
    marks = tuple(mark for name in names for mark in _marks(name))
    segments, lines, remains = segments_in(folder), 0, False
    for segment, following in zip(segments, [*segments[1:], None], strict=True):
        if following is None or following.first_seq > drained + 1:
            remains |= any(mark in segment.path.read_bytes() for mark in marks)
        else:
            lines += _rewritten(segment, following.first_seq - 1, marks)
    return Blanked(lines, remains)


def trim(folder: Path, *, drained: int, before_ms: int) -> int:
    """Delete the files all of whose frames are drained and were received before a moment; says how many."""
    segments, gone = segments_in(folder), 0
    for segment, following in pairwise(segments):
        first = next(following.frames(after=0, upto=drained), None)  # only what is drained is surely whole
        if first is None or first.received_ms >= before_ms:
            break
        segment.path.unlink()
        gone += 1
    if gone:
        sync_folder(folder)
    return gone


def _rewritten(segment: Segment, last: int, marks: Sequence[bytes]) -> int:
    if not any(mark in segment.path.read_bytes() for mark in marks):
        return 0
    fresh = segment.path.with_suffix(".blanked")
    try:
        lines = _write_blanked(fresh, segment, last, marks)
        fresh.replace(segment.path)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(segment.path.parent)
    return lines


def _write_blanked(fresh: Path, segment: Segment, last: int, marks: Sequence[bytes]) -> int:
    lines = 0
    with fresh.open("wb") as stream:
        for frame in _whole(segment, last):
            blanked = [
                _blank_line(frame.kind, line, marks) for line in frame.payload.splitlines(keepends=True)
            ]
            lines += sum(changed for _, changed in blanked)
            stream.write(packed(replace(frame, payload=b"".join(line for line, _ in blanked))))
        stream.flush()
        os.fsync(stream.fileno())
    if fresh.stat().st_size != segment.size:
        raise InboxDamaged(f"{segment.path.name} would change its length; it was left as it is.")
    return lines


def _whole(segment: Segment, last: int) -> Iterator[Frame]:
    seen = segment.first_seq - 1
    for frame in segment.frames(after=0, upto=last):
        yield frame
        seen = frame.seq
    if seen != last:
        raise InboxDamaged(f"{segment.path.name} ends at frame {seen}, not at {last}; it was left as it is.")


def _blank_line(kind: FrameKind, line: bytes, marks: Sequence[bytes]) -> tuple[bytes, bool]:
    if kind is FrameKind.SERVING or not any(mark in line for mark in marks):
        return line, False
    told = msgspec.json.decode(line)
    told |= {"body": ""} if kind is FrameKind.QUARANTINE else _LEAVES_OUT
    text = _encode(told if kind is FrameKind.QUARANTINE else msgspec.convert(told, StoredEvent)).rstrip()
    return text[:-1] + b" " * (len(line) - len(text) - 1) + b"}\n", True


def _marks(name: str) -> Iterator[bytes]:
    """How a name stands in a line: as a value, as a value within a text that is JSON itself, in Python's quotes."""
    written = _encode(name)[1:-1]
    yield b'"%b"' % written
    yield b'\\"%b\\"' % written
    yield b"'%b'" % written
