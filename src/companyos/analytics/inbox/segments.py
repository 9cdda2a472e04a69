"""The files of the inbox log: `<first seq, 16 digits>.log`, each holding whole frames in order."""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from companyos.analytics.inbox.frames import Frame, read_frame

MARK_EVERY = 256 * 1024


class InboxDamaged(Exception):
    """A stretch of the log that was once safely on disk no longer reads back."""


@dataclass(slots=True)
class Segment:
    """One file. `marks` says where some of its frames begin, so that a reader need not start at the top."""

    path: Path
    first_seq: int
    size: int = 0  # bytes known to be whole and synced
    marks: list[tuple[int, int]] = field(default_factory=list)  # (seq, offset), rising
    _marking: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def grow(self, first_seq: int, size: int) -> None:
        """Take note of `size` more bytes whose first frame is `first_seq`."""
        self._mark(first_seq, self.size)
        self.size += size

    def start_for(self, seq: int) -> int:
        """An offset at or before the frame `seq`, at the start of a frame."""
        place = bisect_right(self.marks, (seq, self.size))
        return self.marks[place - 1][1] if place else 0

    def frames(self, *, after: int, upto: int) -> Iterator[Frame]:
        """The frames with after < seq <= upto. Raises InboxDamaged when one of them does not read back.

        Nothing behind `upto` is looked at: it may be half written.
        """
        if after >= upto or upto < self.first_seq:
            return
        with self.path.open("rb") as stream:
            offset = stream.seek(self.start_for(after + 1))
            while offset < self.size:
                frame = read_frame(stream)
                if frame is None:
                    raise InboxDamaged(_damage(self.path, offset))
                self._mark(frame.seq, offset)
                if frame.seq > after:
                    yield frame
                if frame.seq >= upto:
                    return
                offset += frame.size

    def _mark(self, seq: int, offset: int) -> None:
        with self._marking:
            if not self.marks or offset - self.marks[-1][1] >= MARK_EVERY:
                self.marks.append((seq, offset))


def segments_in(folder: Path) -> list[Segment]:
    """The segments of a folder in order, each trusted to its full length until it is read."""
    paths = sorted(folder.glob("[0-9]*.log"))
    return [Segment(path, int(path.stem), path.stat().st_size) for path in paths]


def recover(segment: Segment) -> int:
    """Cut the torn tail of the newest segment at its first bad frame; returns the last whole seq."""
    segment.size, last_seq = 0, segment.first_seq - 1
    with segment.path.open("r+b") as stream:
        while (frame := read_frame(stream)) and frame.seq == last_seq + 1:
            segment.grow(frame.seq, frame.size)
            last_seq = frame.seq
        if stream.seek(0, os.SEEK_END) > segment.size:
            stream.truncate(segment.size)
            os.fsync(stream.fileno())
    return last_seq


def create(folder: Path, first_seq: int) -> Segment:
    """A new, empty segment whose name is on disk before anything is written to it."""
    path = folder / f"{first_seq:016d}.log"
    path.write_bytes(b"")
    sync_folder(folder)
    return Segment(path, first_seq)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damage(path: Path, offset: int) -> str:
    return (
        f"{path.name} does not read back at byte {offset}, although it was safely written once. "
        "Events before that point are intact and evaluation goes on; "
        "restore this file from a backup, then start again."
    )
