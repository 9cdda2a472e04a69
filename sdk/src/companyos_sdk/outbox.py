"""Sends events to the server in batches, from a thread of its own; what cannot be sent waits on disk.

Putting an event in never blocks and never fails. The queue and the spool are bounded; what they drop is counted.
Events that are only in memory (the last second's) are lost when the process is killed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from companyos_sdk.background import Background
from companyos_sdk.backoff import pause
from companyos_sdk.events import Event
from companyos_sdk.spool import Spool

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)

PATH = "/v1/events"
_MOST_BATCH_BYTES = 900_000  # the server takes 1 MiB
_MOST_EVENT_BYTES = 30_000


@dataclass(frozen=True, slots=True)
class Mail:
    """Where events go, and within which bounds."""

    url: str
    key: str
    spool: Path | None = None
    batch: int = 500
    every_seconds: float = 1.0
    most_queued: int = 10_000
    most_spool_bytes: int = 16 * 1024 * 1024
    request_seconds: float = 10.0
    longest_pause_seconds: float = 60.0


@dataclass(slots=True)
class Counts:
    """What became of the events so far."""

    sent: int = 0
    spooled: int = 0
    refused: int = 0  # by the server, for good
    dropped: int = 0  # for want of room
    unsendable: int = 0


class _Away(Exception):
    """The server did not take the events now; it may later."""


class _Denied(Exception):
    """The server will never take these events."""


class Outbox:
    """Events on their way."""

    def __init__(self, mail: Mail, *, every_round: Callable[[], None]) -> None:
        self._mail, self._every_round = mail, every_round
        self._queue: deque[Event] = deque()
        self._counts = Counts()
        self._spool = None if mail.spool is None else Spool(mail.spool, most_bytes=mail.most_spool_bytes)
        self._thread: Background | None = None
        self._process = 0  # whose thread that is: none survives a fork
        self._beginning = threading.Lock()

    @property
    def counts(self) -> dict[str, int]:
        return {"queued": len(self._queue), **asdict(self._counts)}

    def put(self, event: Event) -> None:
        if len(self._queue) >= self._mail.most_queued:
            self._counts.dropped += 1
            return
        self._queue.append(event)
        if self._process != os.getpid():
            self._begin()

    def count_unsendable(self, why: object) -> None:
        self._counts.unsendable += 1
        if self._counts.unsendable == 1:
            _log.warning("an event cannot be sent, and more like it will be passed over silently: %s", why)

    def forked(self) -> None:
        """This is another process now, in which nobody holds a lock."""
        self._beginning = threading.Lock()

    def close(self, *, within: float = 3.0) -> None:
        """Send what is left, or put it on disk."""
        thread, self._thread, self._process = self._thread, None, 0
        if thread is not None:
            thread.stop(within=within)
        self._keep_all()

    def _begin(self) -> None:
        with self._beginning:
            if self._process == os.getpid():
                return
            self._process = os.getpid()
            self._thread = Background("companyos-events", self._deliver)
            self._thread.start()

    # -- in the thread -------------------------------------------------------------------------------------

    async def _deliver(self) -> None:
        import httpx

        mail = self._mail
        headers = {"authorization": f"Bearer {mail.key}", "content-type": "application/json"}
        async with httpx.AsyncClient(
            base_url=mail.url, headers=headers, timeout=httpx.Timeout(mail.request_seconds)
        ) as client:
            try:
                await self._rounds(client)
            except asyncio.CancelledError:
                with suppress(_Away, TimeoutError):
                    async with asyncio.timeout(1.0):
                        await self._send_queue(client)
                raise

    async def _rounds(self, client: httpx.AsyncClient) -> None:
        failures = 0
        while True:
            await asyncio.sleep(
                pause(failures, longest=self._mail.longest_pause_seconds)
                if failures
                else self._mail.every_seconds
            )
            self._every_round()
            try:
                await self._send_spool(client)
                await self._send_queue(client)
                failures = 0
            except _Away as problem:
                level = logging.DEBUG if failures else logging.WARNING
                _log.log(level, "events wait, the server does not take them: %s", problem)
                failures += 1
                self._keep_all()

    async def _send_spool(self, client: httpx.AsyncClient) -> None:
        if self._spool is None:
            return
        for path, events in self._spool.batches():
            await self._post(client, events)
            path.unlink(missing_ok=True)

    async def _send_queue(self, client: httpx.AsyncClient) -> None:
        while batch := self._take():
            try:
                await self._post(client, batch)
            except BaseException:
                self._queue.extendleft(reversed(batch))
                raise

    def _take(self) -> list[Event]:
        """The next events that fit into one request."""
        batch: list[Event] = []
        size = 0
        while self._queue and len(batch) < self._mail.batch and size < _MOST_BATCH_BYTES:
            event = self._queue.popleft()
            length = _length(event)
            if not length or length > _MOST_EVENT_BYTES:
                self.count_unsendable(f"{event.get('event')} takes {length} bytes, or is no JSON")
                continue
            batch.append(event)
            size += length
        return batch

    async def _post(self, client: httpx.AsyncClient, events: list[Event]) -> None:
        try:
            await self._post_once(client, events)
        except _Denied as problem:
            tenants = {event["tenant"] for event in events}
            if len(tenants) > 1:  # one of them may be foreign to the key; the others need not suffer
                for tenant in sorted(tenants):
                    await self._post(client, [event for event in events if event["tenant"] == tenant])
                return
            _log.warning("%d events of %s are not taken: %s", len(events), ", ".join(tenants), problem)
            self._counts.refused += len(events)

    async def _post_once(self, client: httpx.AsyncClient, events: list[Event]) -> None:
        import httpx

        try:
            async with asyncio.timeout(self._mail.request_seconds):
                response = await client.post(PATH, content=json.dumps({"events": events}))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as problem:
            raise _Away(str(problem) or type(problem).__name__) from None
        status = response.status_code
        if status in (202, 207, 422):  # taken; what could not be counted is in the server's quarantine
            refused = _quarantined(response)
            self._counts.sent += len(events) - refused
            self._counts.refused += refused
        elif status in (400, 403, 413, 415):
            raise _Denied(f"{status} {response.text[:200]}")
        else:
            raise _Away(f"{PATH} answered {status}")

    def _keep_all(self) -> None:
        """Put the queue on disk, where there is a spool; it stays in memory where there is none."""
        if self._spool is None:
            return
        while batch := self._take():
            try:
                self._counts.dropped += self._spool.keep(batch)
                self._counts.spooled += len(batch)
            except OSError as problem:
                _log.warning("events could not be put on disk: %s", problem)
                self._queue.extendleft(reversed(batch))
                return


def _length(event: Event) -> int:
    try:
        return len(json.dumps(event))
    except (TypeError, ValueError, RecursionError):
        return 0


def _quarantined(response: httpx.Response) -> int:
    try:
        return len(response.json()["quarantined"])
    except (ValueError, KeyError, TypeError):
        return 0
