"""From the inbox log into the engine, each event exactly once.

A block's bounds are on disk before it is inserted, and its bounds are its token. Whenever the process or the engine
dies in it, the next run takes the very same block again, and the engine adds what is missing (`completion.py`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

import msgspec

from companyos.analytics.engine import Engine
from companyos.analytics.inbox import Frame, FrameKind, Inbox
from companyos.analytics.inbox.segments import sync_folder

MOST_FRAMES = 20_000
MOST_BLOCK_BYTES = 16 * 1024 * 1024
_TABLES = {FrameKind.EVENTS: "events", FrameKind.QUARANTINE: "quarantine"}


class _Progress(msgspec.Struct, frozen=True):
    """Frames up to `drained` are in the engine; those up to `planned` are on their way there."""

    drained: int = 0
    planned: int = 0


class Drain:
    """Moves synced frames of `inbox` into `engine`; keeps its position in `folder`. Belongs to one thread."""

    def __init__(self, inbox: Inbox, engine: Engine, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._inbox = inbox
        self._engine = engine
        self._file = folder / "drain.json"
        self._progress = self._read()

    @property
    def drained_offset(self) -> int:
        """Every frame up to this seq is in the engine."""
        return self._progress.drained

    def run_once(self, limit_frames: int = MOST_FRAMES, *, upto: int | None = None) -> int:
        """Drain one block of at most `limit_frames` frames; says how many it held (0: caught up).

        No frame beyond the seq `upto` is begun: what others have to see before the engine holds it.
        """
        drained, planned = self._progress.drained, self._progress.planned
        begun = planned > drained
        block = self._frames_upto(planned) if begun else self._next_block(limit_frames, upto)
        if not block:
            return 0
        last = block[-1].seq
        self._write(_Progress(drained, last))
        if begun:
            self._complete(block)
        else:
            self._insert(block, f"{drained + 1}-{last}")
        self._write(_Progress(last, last))
        return len(block)

    def finish_begun(self) -> None:
        """Insert the block that was begun when the process ended, if any.

        Then the engine holds what is drained and nothing more, so whoever remembers by the engine can go on
        from `drained_offset` in the log and misses nothing.
        """
        if self._progress.planned > self._progress.drained:
            self.run_once()

    def catch_up(self) -> int:
        """Drain until nothing synced is left; says how many frames that were."""
        total = 0
        while count := self.run_once():
            total += count
        return total

    def follow(self, stop: threading.Event, *, pause: float = 0.25) -> None:
        """Drain in steps of `pause` seconds until `stop` is set: for a thread of its own."""
        while not stop.wait(pause):
            self.catch_up()

    def _next_block(self, limit_frames: int, upto: int | None) -> list[Frame]:
        block: list[Frame] = []
        size = 0
        for frame in self._inbox.frames(after=self._progress.drained):
            full = len(block) >= limit_frames or (block and size + frame.size > MOST_BLOCK_BYTES)
            if full or (upto is not None and frame.seq > upto):
                break
            block.append(frame)
            size += frame.size
        return block

    def _frames_upto(self, planned: int) -> list[Frame]:
        """The very block that was begun before the process ended."""
        block: list[Frame] = []
        for frame in self._inbox.frames(after=self._progress.drained):
            if frame.seq > planned:
                break
            block.append(frame)
        return block

    def _complete(self, block: Iterable[Frame]) -> None:
        """Nobody knows how far the insert came: the engine adds what is missing."""
        for kind, table in _TABLES.items():
            ndjson = b"".join(frame.payload for frame in block if frame.kind is kind)
            if ndjson:
                self._engine.complete(table, ndjson)

    def _insert(self, block: Iterable[Frame], bounds: str) -> None:
        for kind, table in _TABLES.items():
            ndjson = b"".join(frame.payload for frame in block if frame.kind is kind)
            if ndjson:
                self._engine.insert(table, ndjson, token=f"{table}:{bounds}")

    def _read(self) -> _Progress:
        if not self._file.exists():
            return _Progress()
        return msgspec.json.decode(self._file.read_bytes(), type=_Progress)

    def _write(self, progress: _Progress) -> None:
        if progress == self._progress:
            return
        fresh = self._file.with_suffix(".new")
        with fresh.open("wb") as stream:
            stream.write(msgspec.json.encode(progress))
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self._file)
        sync_folder(self._file.parent)
        self._progress = progress
