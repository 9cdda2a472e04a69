"""Server-sent events: who listens is told that something changed, never what. Content is fetched, and checked there."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import time
from collections.abc import Callable
from urllib.parse import parse_qs

import msgspec

from companyos.surfaces.edge.answers import Receive, Refused, Scope, Send

MOST_STREAMS = 5000
_PING_SECONDS = 15.0
_WAITING = 64
_END = b""


class Hub:
    """One stream of changes and everybody who listens.

    `tell` and `close` may be called from any thread and from a signal handler: there is no lock to wait for.
    """

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[bytes]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def tell(self, message: bytes) -> None:
        """Send a message to everybody who listens."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and every listener with it
                self._loop.call_soon_threadsafe(self._spread, message)

    def close(self) -> None:
        """End every stream, so that stopping does not wait for its listeners."""
        self._closed = True
        self.tell(_END)

    async def serve(self, receive: Receive, send: Send, first: Callable[[], bytes]) -> None:
        """Keep one listener up to date until they leave or the hub closes.

        `first` is asked once the listener is on the list, so that no change falls between the two.
        """
        if self._closed or len(self._queues) >= MOST_STREAMS:
            raise Refused(
                503, {"error": "Too many listeners now. Ask again later, and poll meanwhile."}, retry_after=5
            )
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue[bytes] = asyncio.Queue(_WAITING)
        self._queues.add(queue)
        left = asyncio.ensure_future(_gone(receive))
        left.add_done_callback(lambda _: _put(queue, _END))
        try:
            await _begin(send, first())
            await _pass_on(queue, send)
        finally:
            self._queues.discard(queue)
            left.cancel()

    def _spread(self, message: bytes) -> None:
        for queue in tuple(self._queues):
            _put(queue, message)


def _put(queue: asyncio.Queue[bytes], message: bytes) -> None:
    if queue.full():
        queue.get_nowait()  # a slow listener misses the oldest: the newest says all it needs
    queue.put_nowait(message)


def message(event: str, content: object, *, event_id: int | None = None) -> bytes:
    """Write one server-sent event."""
    head = b"" if event_id is None else b"id: %d\n" % event_id
    return head + b"event: " + event.encode() + b"\ndata: " + msgspec.json.encode(content) + b"\n\n"


def check_ticket(scope: Scope, secret: bytes) -> None:
    """Refuse a console stream without a valid, unexpired ticket (see `surfaces.console.context.ticket`)."""
    ticket = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0]
    expiry, _, signature = ticket.partition(".")
    wanted = hmac.new(secret, expiry.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature.encode(), wanted.encode()):
        raise Refused(401, {"error": "This stream needs a ticket; load the page again."})
    if not expiry.isdigit() or int(expiry) < time.time():
        raise Refused(401, {"error": "The ticket is too old; load the page again."})


async def _begin(send: Send, first: bytes) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": first, "more_body": True})


async def _pass_on(queue: asyncio.Queue[bytes], send: Send) -> None:
    while True:
        part = b": ping\n\n"
        with contextlib.suppress(TimeoutError):
            part = await asyncio.wait_for(queue.get(), _PING_SECONDS)
        await send({"type": "http.response.body", "body": part, "more_body": part != _END})
        if part == _END:
            return


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
