"""Server-sent events: who listens is told that something changed, never what. Content is fetched, and checked there."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Container

import msgspec

from companyos.surfaces.edge.answers import Receive, Refused, Send

MOST_STREAMS = 5000
PING_SECONDS = 15.0
_WAITING = 64
_END = b""
_RECONNECT_MS = (500, 5000)


class _Listener:
    """One stream: what waits for it, and whose key opened it."""

    __slots__ = ("owner", "queue")

    def __init__(self, owner: bytes) -> None:
        self.owner = owner
        self.queue: asyncio.Queue[bytes] = asyncio.Queue(_WAITING)

    def put(self, message: bytes) -> None:
        if self.queue.full():
            self.queue.get_nowait()  # a slow listener misses the oldest: the newest says all it needs
        self.queue.put_nowait(message)


class Hub:
    """One stream of changes and everybody who listens.

    `tell`, `keep_only` and `close` may be called from any thread and from a signal handler: there is no lock.
    """

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def tell(self, message: bytes) -> None:
        """Send a message to everybody who listens."""
        self._soon(lambda: self._spread(message))

    def keep_only(self, owners: Container[bytes]) -> None:
        """End the streams whose key is not among `owners` any more."""
        self._soon(lambda: self._end_all_but(owners))

    def close(self) -> None:
        """End every stream, so that stopping does not wait for its listeners."""
        self._closed = True
        self.tell(_END)

    async def serve(
        self, receive: Receive, send: Send, first: Callable[[], bytes], owner: bytes = b""
    ) -> None:
        """Keep one listener up to date until they leave or the hub closes.

        `first` is asked once the listener is on the list, so that no change falls between the two.
        """
        if self._closed or len(self._listeners) >= MOST_STREAMS:
            words = "Too many listeners now. Ask again later, and poll meanwhile."
            raise Refused(503, {"error": words}, retry_after=5)
        self._loop = asyncio.get_running_loop()
        listener = _Listener(owner)
        self._listeners.add(listener)
        left = asyncio.ensure_future(_gone(receive))
        left.add_done_callback(lambda _: listener.put(_END))
        try:
            await _begin(send, first())
            await _pass_on(listener.queue, send)
        finally:
            self._listeners.discard(listener)
            left.cancel()

    def __len__(self) -> int:
        return len(self._listeners)

    def _soon(self, what: Callable[[], None]) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and every listener with it
                self._loop.call_soon_threadsafe(what)

    def _spread(self, message: bytes) -> None:
        for listener in tuple(self._listeners):
            listener.put(message)

    def _end_all_but(self, owners: Container[bytes]) -> None:
        for listener in tuple(self._listeners):
            if listener.owner not in owners:
                listener.put(_END)


def message(event: str, content: object, *, event_id: int | None = None) -> bytes:
    """Write one server-sent event."""
    head = b"" if event_id is None else b"id: %d\n" % event_id
    return head + b"event: " + event.encode() + b"\ndata: " + msgspec.json.encode(content) + b"\n\n"


def reconnect_hint() -> bytes:
    """Tell a browser when to come back after a break: everybody at another moment."""
    return b"retry: %d\n" % random.randint(*_RECONNECT_MS)  # noqa: S311


async def _begin(send: Send, first: bytes) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": reconnect_hint() + first, "more_body": True})


async def _pass_on(queue: asyncio.Queue[bytes], send: Send) -> None:
    while True:
        part = b": ping\n\n"
        with contextlib.suppress(TimeoutError):
            part = await asyncio.wait_for(queue.get(), _until_ping())
        await send({"type": "http.response.body", "body": part, "more_body": part != _END})
        if part == _END:
            return


def _until_ping() -> float:
    """Everybody at another moment: listeners that came at once would be pinged at once."""
    return PING_SECONDS * random.uniform(0.5, 1)  # noqa: S311


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
