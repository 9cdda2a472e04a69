"""What the pages have to tell the log: taken from their folder, written like any event, then taken away."""

from __future__ import annotations

import asyncio
import logging
import time

from companyos.analytics.inbox.handed_in import HandedIn
from companyos.kernel.clock import Clock
from companyos.surfaces.edge.answers import Refused
from companyos.surfaces.edge.ingest import Ingest

_AT_ONCE = 200
_LONGEST_SECONDS = 30.0
_AGAIN_AFTER_SECONDS = 2.0
_log = logging.getLogger(__name__)


class Taker:
    """Belongs to the edge. `look` is for the thread that looks at folders; the log's window is the event loop's."""

    def __init__(self, folder: HandedIn, ingest: Ingest, clock: Clock) -> None:
        self._folder, self._ingest, self._clock = folder, ingest, clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._not_before = 0.0

    def begin(self) -> None:
        """From now on this loop is the one that writes."""
        self._loop = asyncio.get_running_loop()

    def look(self) -> None:
        """Write what waits, if anything does and the edge serves. While the disk is full it waits on."""
        if self._loop is None or time.monotonic() < self._not_before or not self._folder.waiting(1):
            return
        self._not_before = time.monotonic() + _AGAIN_AFTER_SECONDS
        try:
            asyncio.run_coroutine_threadsafe(self.take(), self._loop).result(_LONGEST_SECONDS)
        except Refused as refused:
            _log.error("what the pages told stays in its folder and is tried again: %s", refused.body)
        else:
            self._not_before = 0.0

    async def take(self) -> None:
        """Write everything that waits. Raises Refused when the log cannot be written; then it waits on."""
        while events := self._folder.waiting(_AT_ONCE):
            await self._ingest.keep_our_own(events, self._clock.now())
            self._folder.taken(events)
