"""The inbox log as another process reads it: the drain and the guardrails, where the edge has a process of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from companyos.analytics.inbox.frames import Frame
from companyos.analytics.inbox.segments import Segment, segments_in
from companyos.analytics.inbox.synced import SyncedReading


class Inbox(Protocol):
    """What reads the log, beside its writer or from another process."""

    @property
    def synced_seq(self) -> int:
        """The last frame that is on disk."""
        ...

    def frames(self, *, after: int) -> Iterator[Frame]:
        """The synced frames with seq > after, in order."""
        ...

    def wait_beyond(self, seq: int, timeout: float) -> bool:
        """Wait up to `timeout` seconds for a frame beyond `seq`; says whether there is one."""
        ...

    def close(self) -> None: ...


class InboxReader:
    """Reads the log in `folder` while another process writes it; `bell` rings when there is more.

    `writer_ended` is called once, from the thread that waits, when the writer's process is gone.
    """

    def __init__(self, folder: Path, bell: socket.socket, writer_ended: Callable[[], None]) -> None:
        self._folder = folder
        self._note = SyncedReading(folder, bell)
        self._writer_ended = writer_ended
        self._segments: list[Segment] = []
        self._refreshing = threading.Lock()
        self._said = False

    @property
    def synced_seq(self) -> int:
        return self._note.seq()

    def frames(self, *, after: int) -> Iterator[Frame]:
        """The synced frames with seq > after, in order. Raises InboxDamaged when the disk lost some."""
        upto = self.synced_seq
        if after >= upto:
            return
        segments = self._refreshed()
        for segment, following in zip(segments, [*segments[1:], None], strict=True):
            if following is None or following.first_seq > after + 1:
                yield from segment.frames(after=after, upto=upto)

    def wait_beyond(self, seq: int, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while self.synced_seq <= seq:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            if not self._note.wait(left):
                self._say_the_writer_ended()
                time.sleep(left)
                return False
        return True

    def close(self) -> None:
        self._note.close()

    def _say_the_writer_ended(self) -> None:
        if not self._said:
            self._said = True
            self._writer_ended()

    def _refreshed(self) -> list[Segment]:
        """The files as they are now; what was learnt about the known ones stays."""
        with self._refreshing:
            known = {segment.first_seq: segment for segment in self._segments}
            found = segments_in(self._folder)
            for fresh in found:
                if segment := known.get(fresh.first_seq):
                    segment.size = fresh.size
            self._segments = [known.get(fresh.first_seq, fresh) for fresh in found]
            return list(self._segments)
