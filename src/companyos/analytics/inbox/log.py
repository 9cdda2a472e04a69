"""Append-only, group-synced, recovered on open: an event is acknowledged once it is here.

One writer thread takes whatever has gathered, writes it, syncs it, and acknowledges the whole group with
one call into the event loop. A write that fails is cut away again, so the log holds whole frames only.
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from companyos.analytics.folder_lock import FolderLock
from companyos.analytics.inbox.frames import LARGEST_PAYLOAD, Frame, FrameKind, epoch_ms, packed
from companyos.analytics.inbox.segments import InboxDamaged, Segment, create, recover, segments_in
from companyos.analytics.inbox.synced import SyncedNote

__all__ = ["InboxDamaged", "InboxLog", "LogBusy", "LogUnwritable"]

SEGMENT_BYTES = 64 * 1024 * 1024
SEGMENT_SECONDS = 3600.0
MOST_WAITING_BYTES = 64 * 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class LogUnwritable(Exception):
    """The log could not take the frame; nothing of it was kept. `error` is the system's reason, if any."""

    def __init__(self, what: str, error: OSError | None = None) -> None:
        super().__init__(what)
        self.error = error

    @property
    def disk_full(self) -> bool:
        return self.error is not None and self.error.errno in _FULL


class LogBusy(LogUnwritable):
    """More is waiting for the disk than we care to hold in memory."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    kind: FrameKind
    payload: bytes
    received_ms: int
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[int]


class InboxLog:
    """The log in `folder`. Opening it recovers it: a torn tail is cut at the first bad frame.

    `segment_bytes` and `segment_seconds` are the size and the age from which the next group goes to a new file:
    old files can be trimmed, and people taken out of them (`inbox.upkeep`).
    Raises FolderInUse when another process has it open.
    """

    def __init__(
        self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES, segment_seconds: float = SEGMENT_SECONDS
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._segment_bytes, self._segment_seconds = segment_bytes, segment_seconds
        self._segment_since = time.monotonic()
        self._lock = FolderLock(folder, "the inbox")
        self._segments = segments_in(folder) or [create(folder, 1)]
        self.synced_seq = recover(self._segments[-1])
        self.note = SyncedNote(folder, self.synced_seq)
        self._file = os.open(self._segments[-1].path, os.O_RDWR)
        self._torn = False
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._waiting_bytes = 0
        self._closing = False
        self._writer = threading.Thread(target=self._write_groups, name="inbox-writer", daemon=True)
        self._writer.start()

    async def append(self, kind: FrameKind, payload: bytes, *, received: datetime) -> int:
        """The frame's seq, once it is on disk. Raises LogUnwritable; then nothing of it was kept."""
        return await self.submit(kind, payload, received=received)

    def submit(self, kind: FrameKind, payload: bytes, *, received: datetime) -> asyncio.Future[int]:
        """Like `append`, from inside the event loop, for callers that want to hold the future."""
        if len(payload) > LARGEST_PAYLOAD:
            raise ValueError(f"a frame holds at most {LARGEST_PAYLOAD} bytes, not {len(payload)}")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(kind, payload, epoch_ms(received), loop, loop.create_future())
        with self._changed:
            if self._closing:
                raise LogUnwritable("the inbox is closing; send the events again in a moment")
            if self._waiting_bytes > MOST_WAITING_BYTES:
                raise LogBusy("too many events are waiting for the disk; send them again in a moment")
            self._waiting.append(waiting)
            self._waiting_bytes += len(payload)
            self._changed.notify_all()
        return waiting.future

    def frames(self, *, after: int) -> Iterator[Frame]:
        """The synced frames with seq > after, in order. Raises InboxDamaged when the disk lost some."""
        with self._changed:
            upto, segments = self.synced_seq, list(self._segments)
        for segment, following in zip(segments, [*segments[1:], None], strict=True):
            if following is None or following.first_seq > after + 1:
                yield from segment.frames(after=after, upto=upto)

    def first_seq_since(self, moment: datetime) -> int:
        """A seq at or before the first frame received at `moment` or later (the start of a file)."""
        answer = self._segments[0].first_seq
        for segment in self._segments:
            first = next(segment.frames(after=0, upto=self.synced_seq), None)
            if first is None or first.received >= moment:
                break
            answer = first.seq
        return answer

    def wait_beyond(self, seq: int, timeout: float) -> bool:
        """Wait up to `timeout` seconds for a frame beyond `seq`; says whether there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self.synced_seq > seq or self._closing, timeout)
            return self.synced_seq > seq

    def close(self) -> None:
        """Write what is waiting, then let go of the folder. Closing twice does nothing."""
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify_all()
        self._writer.join()
        os.close(self._file)
        self.note.close()
        self._lock.release()

    # The writer thread

    def _write_groups(self) -> None:
        while group := self._next_group():
            try:
                seqs = self._write(group)
            except Exception as error:  # whatever it was, the writer must live on and somebody must be told
                _refuse(group, error)
            else:
                _acknowledge(group, seqs)
                self._tell_readers()

    def _next_group(self) -> list[_Waiting]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            group, self._waiting, self._waiting_bytes = self._waiting, [], 0
            return group

    def _write(self, group: list[_Waiting]) -> range:
        seqs = range(self.synced_seq + 1, self.synced_seq + 1 + len(group))
        frames = [Frame(w.kind, seq, w.received_ms, w.payload) for seq, w in zip(seqs, group, strict=True)]
        self._mend(self._segments[-1])
        segment = self._segment_with_room()
        try:
            self._torn = True
            size = _write_all(self._file, b"".join(map(packed, frames)), segment.size)
            os.fdatasync(self._file)
            self._torn = False
        except OSError:
            with suppress(OSError):  # then the next write begins with it
                self._mend(segment)
            raise
        self._publish(segment, seqs, size)
        return seqs

    def _mend(self, segment: Segment) -> None:
        """Cut away what a failed write left behind."""
        if self._torn:
            os.ftruncate(self._file, segment.size)
            self._torn = False

    def _publish(self, segment: Segment, seqs: range, size: int) -> None:
        with self._changed:
            segment.grow(seqs[0], size)
            self.synced_seq = seqs[-1]
            self._changed.notify_all()

    def _tell_readers(self) -> None:
        """Tell other processes: after those who wait for an answer, as telling takes some time."""
        with suppress(
            OSError
        ):  # the group is on disk and stays acknowledged; they hear of it with the next one
            self.note.write(self.synced_seq)

    def _segment_with_room(self) -> Segment:
        segment = self._segments[-1]
        is_young = time.monotonic() - self._segment_since < self._segment_seconds
        if segment.size == 0 or (is_young and segment.size < self._segment_bytes):
            return segment
        self._segment_since = time.monotonic()
        fresh = create(self._folder, self.synced_seq + 1)
        file = os.open(fresh.path, os.O_RDWR)
        os.close(self._file)
        with self._changed:
            self._file = file
            self._segments.append(fresh)
        return fresh


def _write_all(file: int, blob: bytes, offset: int) -> int:
    view = memoryview(blob)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
    return len(blob)


def _acknowledge(group: list[_Waiting], seqs: range) -> None:
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[int], int]]] = defaultdict(list)
    for waiting, seq in zip(group, seqs, strict=True):
        by_loop[waiting.loop].append((waiting.future, seq))
    for loop, settled in by_loop.items():
        with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: list[tuple[asyncio.Future[int], int]]) -> None:
    for future, seq in settled:
        if not future.done():
            future.set_result(seq)


def _refuse(group: list[_Waiting], error: Exception) -> None:
    cause = error if isinstance(error, OSError) else None
    why = cause.strerror if cause and cause.strerror else str(error)
    for waiting in group:
        refusal = LogUnwritable(f"the inbox could not be written: {why}", cause)
        with suppress(RuntimeError):
            waiting.loop.call_soon_threadsafe(_fail, waiting.future, refusal)


def _fail(future: asyncio.Future[int], refusal: LogUnwritable) -> None:
    if not future.done():
        future.set_exception(refusal)
