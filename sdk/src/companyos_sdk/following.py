"""Follows a server's ruleset: asks with an ETag, is told of changes by a stream, and says which version it serves.

The stream only says "ask again", so that what is served always comes over the one path that checks it. Every request
has a deadline as a whole; whatever goes wrong is counted, told to the listener, and tried again after a pause.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol

from companyos_sdk.background import Background
from companyos_sdk.backoff import pause
from companyos_sdk.serving import Unusable
from companyos_sdk.sse import EventReader, version_told

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)

SYNC, STREAM, ACKNOWLEDGE = "/flagd/v1/sync", "/ofrep/v1/sse", "/v1/serving"
_LONGEST_RETRY_AFTER = 300.0
_MOST_BEHIND = 6  # questions until a version the stream told of is given up
_COALESCE_SECONDS = 0.02  # changes that come faster than this are fetched together


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the rulesets come from, and how patiently they are asked for."""

    url: str
    key: str
    flag_set: str = "companyos"
    provider_id: str = "companyos-sdk"
    poll_seconds: float = 5.0
    poll_seconds_with_stream: float = 60.0
    request_seconds: float = 10.0
    stream_idle_seconds: float = 45.0  # the server pings every 15
    longest_pause_seconds: float = 30.0
    acknowledge_seconds: float = 60.0  # how often the served version is told, changed or not
    most_bytes: int = 32 * 1024 * 1024

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}", "flagd-selector": f"flagSetId={self.flag_set}"}


class Listener(Protocol):
    """Who serves what is fetched. Nothing here may take long: the next change waits for it."""

    @property
    def version(self) -> int:
        """The version served now."""

    @property
    def etag(self) -> str | None:
        """The ETag it came with."""

    def took(self, body: bytes, etag: str | None) -> None:
        """A server sent this. Raises Unusable."""

    def confirmed(self) -> None:
        """The server says that what is served is current."""

    def failed(self, why: str) -> None:
        """An attempt to ask the server came to nothing."""


class Follower:
    """Keeps one listener up to date until it is stopped."""

    def __init__(self, settings: Settings, listener: Listener) -> None:
        self._settings, self._listener = settings, listener
        self._etag = listener.etag
        self._told_version = 0  # the newest version the stream has told of
        self._streaming = False
        self._thread = Background("companyos-flags", self._follow)

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, within: float) -> None:
        self._thread.stop(within=within)

    async def _follow(self) -> None:
        import httpx  # here, since a program that only imports us should not wait for it

        self._changed, self._news = asyncio.Event(), asyncio.Event()
        timeout = httpx.Timeout(self._settings.request_seconds)
        headers = self._settings.headers
        async with (
            httpx.AsyncClient(base_url=self._settings.url, headers=headers, timeout=timeout) as client,
            asyncio.TaskGroup() as tasks,
        ):
            tasks.create_task(self._poll(client))
            tasks.create_task(self._listen(client))
            tasks.create_task(self._acknowledge(client))

    # -- asking --------------------------------------------------------------------------------------------

    async def _poll(self, client: httpx.AsyncClient) -> None:
        failures = behind = 0
        while True:
            self._changed.clear()
            wanted = 0.0
            try:
                async with asyncio.timeout(self._settings.request_seconds):
                    await self._ask(client)
                failures, behind = 0, self._still_behind(behind)
            except Exception as problem:  # noqa: BLE001, RUF100  (fail-static: whatever it is, ask again)
                failures += 1
                wanted = getattr(problem, "retry_after", 0.0)
                self._listener.failed(str(problem) or type(problem).__name__)
            await asyncio.sleep(_COALESCE_SECONDS)
            await _wait(self._changed, at_most=max(wanted, self._patience(failures + behind)))

    def _still_behind(self, times: int) -> int:
        """How often in a row the server did not have the version its own stream tells of."""
        if self._listener.version >= self._told_version:
            return 0
        if times < _MOST_BEHIND:
            return times + 1
        _log.warning("the stream told of version %d, which never came", self._told_version)
        self._told_version = 0
        return 0

    def _patience(self, failures: int) -> float:
        """How long until the next question, unless the stream tells of a change."""
        if failures:
            return pause(failures, longest=self._settings.longest_pause_seconds)
        return self._settings.poll_seconds_with_stream if self._streaming else self._settings.poll_seconds

    async def _ask(self, client: httpx.AsyncClient) -> None:
        # A server that told of a newer version and then says "unchanged" has its ETags wrong: ask without.
        is_behind = self._listener.version < self._told_version
        known = None if is_behind else self._etag
        headers = {} if known is None else {"if-none-match": known}
        async with _answered(client, SYNC, headers, self._settings) as response:
            if response.status_code == 304:
                if known is None:
                    raise Unusable('the server answered "unchanged" to a question that named no version')
                self._listener.confirmed()
                return
            body = await _bounded(response, self._settings.most_bytes)
        etag = response.headers.get("etag")
        self._listener.took(body, etag)
        self._etag = etag
        self._news.set()

    # -- being told ----------------------------------------------------------------------------------------

    async def _listen(self, client: httpx.AsyncClient) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            try:
                await self._stream(client)
            except Exception as problem:  # noqa: BLE001, RUF100
                _log.debug("the stream of changes ended: %s", str(problem) or type(problem).__name__)
            had_opened, self._streaming = self._streaming, False
            lasted = time.monotonic() - began > self._settings.longest_pause_seconds
            failures = 1 if lasted else failures + 1
            await asyncio.sleep(pause(failures, longest=self._settings.longest_pause_seconds))
            if not had_opened:
                self._changed.set()  # nobody is told of changes now: do not wait for the next poll

    async def _stream(self, client: httpx.AsyncClient) -> None:
        headers = {"accept": "text/event-stream", "cache-control": "no-store"}
        async with _answered(
            client, STREAM, headers, self._settings, idle=self._settings.stream_idle_seconds
        ) as response:
            self._streaming = True
            self._changed.set()  # what was told while nobody listened is lost: ask
            reader = EventReader()
            async for piece in response.aiter_bytes():
                for data in reader.feed(piece):
                    self._hear(version_told(data))

    def _hear(self, version: int | None) -> None:
        if version is None or 0 < version <= self._listener.version:
            return
        self._told_version = max(self._told_version, version)
        self._changed.set()

    # -- telling -------------------------------------------------------------------------------------------

    async def _acknowledge(self, client: httpx.AsyncClient) -> None:
        """Say which version is served: after every change, and now and then for who counts the living."""
        failures = 0
        while True:
            await _wait(self._news, at_most=self._settings.acknowledge_seconds)
            self._news.clear()
            if not self._listener.version:
                continue
            try:
                async with asyncio.timeout(self._settings.request_seconds):
                    await self._say(client)
                failures = 0
            except Exception as problem:  # noqa: BLE001, RUF100
                _log.debug("the served version could not be told: %s", str(problem) or type(problem).__name__)
                failures += 1
                await asyncio.sleep(pause(failures, longest=self._settings.longest_pause_seconds))
                self._news.set()

    async def _say(self, client: httpx.AsyncClient) -> None:
        told = {"provider": self._settings.provider_id, "version": self._listener.version}
        response = await client.post(ACKNOWLEDGE, json=told)
        if response.status_code >= 300:
            raise Unusable(f"{ACKNOWLEDGE} answered {response.status_code}")


async def _wait(event: asyncio.Event, *, at_most: float) -> None:
    # not wait_for: before Python 3.12 that swallows a cancellation which comes together with the event
    with suppress(TimeoutError):
        async with asyncio.timeout(at_most):
            await event.wait()


class Refusal(Exception):
    """The server answered, but not with what was asked for."""

    def __init__(self, path: str, status: int, retry_after: float) -> None:
        super().__init__(f"{path} answered {status}{_ADVICE.get(status, '')}")
        self.retry_after = retry_after


_ADVICE = {
    401: ": the key is not known there; check it, or ask for a new one",
    403: ": the key may not do this; it needs the scopes sync, evaluate and serving",
    404: ": there is no such flag set there, or the address is not that of the server",
}


@asynccontextmanager
async def _answered(
    client: httpx.AsyncClient,
    path: str,
    headers: dict[str, str],
    settings: Settings,
    *,
    idle: float | None = None,
) -> AsyncIterator[httpx.Response]:
    """The beginning of a good answer; `idle` is how long a stream may be silent."""
    import httpx

    timeout = httpx.Timeout(settings.request_seconds, read=idle or settings.request_seconds)
    async with client.stream("GET", path, headers=headers, timeout=timeout) as response:
        if response.status_code not in (200, 304):
            raise Refusal(path, response.status_code, _retry_after(response.headers.get("retry-after")))
        yield response


async def _bounded(response: httpx.Response, most: int) -> bytes:
    pieces, size = [], 0
    async for piece in response.aiter_bytes():
        size += len(piece)
        if size > most:
            raise Unusable(f"the answer is longer than {most:,} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _retry_after(text: str | None) -> float:
    """The seconds of a Retry-After header, which holds seconds or a date; 0 where it makes no sense."""
    if not text:
        return 0.0
    try:
        seconds = (
            float(text) if text.strip().isdigit() else parsedate_to_datetime(text).timestamp() - time.time()
        )
    except (ValueError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)
