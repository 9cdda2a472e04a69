"""The log read from another process: only what is synced, from any place, and the writer's end is noticed."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from companyos.analytics.inbox import FrameKind, InboxLog, InboxReader
from companyos.analytics.inbox.frames import MAGIC

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Both:
    """A writer and a reader of one folder, as two processes have them."""

    def __init__(self, folder: Path) -> None:
        self.log = InboxLog(folder, segment_bytes=4000)
        self.ours, theirs = socket.socketpair()
        self.log.note.ring(self.ours)
        self.ended = threading.Event()
        self.bell = theirs
        self.reader = InboxReader(folder, theirs, self.ended.set)

    def append(self, *payloads: bytes) -> None:
        async def all_of_them() -> None:
            for payload in payloads:
                await self.log.append(FrameKind.EVENTS, payload, received=NOW)

        asyncio.run(all_of_them())

    def seqs(self, after: int = 0) -> list[int]:
        self.reader.wait_beyond(self.log.synced_seq - 1, timeout=10)  # told a little after the answer
        return [frame.seq for frame in self.reader.frames(after=after)]

    def close(self) -> None:
        self.reader.close()
        self.log.close()
        self.ours.close()
        self.bell.close()


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    found = Both(tmp_path)
    yield found
    found.close()


def test_a_reader_sees_what_is_synced_over_many_files(both: Both, tmp_path: Path) -> None:
    assert both.seqs() == []
    both.append(*(b"x" * 900 for _ in range(40)))
    assert len(list(tmp_path.glob("*.log"))) > 5
    assert both.seqs() == list(range(1, 41))
    both.append(b"y")
    for after in (0, 7, 39, 40, 41):
        assert both.seqs(after) == list(range(after + 1, 42))
        assert both.seqs(after) == [frame.seq for frame in both.log.frames(after=after)]


def test_a_frame_that_is_written_and_not_synced_is_not_there(both: Both, tmp_path: Path) -> None:
    both.append(b"safe")
    newest = max(tmp_path.glob("*.log"))
    with newest.open("ab") as stream:
        stream.write(MAGIC + b"half a frame, or one that a power cut would take back")
    assert both.seqs() == [1]
    assert both.reader.synced_seq == 1


def test_the_bell_wakes_a_waiting_reader(both: Both) -> None:
    writing = threading.Timer(0.05, both.append, [b"x"])
    began = time.monotonic()
    writing.start()
    assert both.reader.wait_beyond(0, 10)
    assert time.monotonic() - began < 5
    writing.join()
    assert not both.reader.wait_beyond(1, 0.01)


def test_a_bell_that_nobody_hears_does_not_stop_the_writer(both: Both) -> None:
    for _ in range(40):
        both.append(*(b"x" for _ in range(50)))
    assert both.reader.wait_beyond(1999, 5)
    both.bell.close()
    both.append(b"x")
    assert both.log.synced_seq == 2001
    both.bell = both.ours


def test_the_end_of_the_writer_is_told_once(both: Both) -> None:
    both.ours.close()
    assert not both.reader.wait_beyond(0, 0.01)
    assert both.ended.is_set()
    both.ended.clear()
    assert not both.reader.wait_beyond(0, 0.01)
    assert not both.ended.is_set()
