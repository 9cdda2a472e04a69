"""Reading a request and writing an answer over raw ASGI."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

encode = msgspec.json.Encoder().encode
_JSON = (b"content-type", b"application/json")
_PATIENCE_SECONDS = 15.0
_LATE = "the body did not arrive in time"


class Refused(Exception):
    """The request is answered with an error: its status, and what to tell the caller."""

    def __init__(self, status: int, body: Any = None, *, retry_after: int | None = None) -> None:
        super().__init__(status)
        self.status, self.body = status, body
        self.headers: list[Header] = []
        if retry_after is not None:
            self.headers.append((b"retry-after", b"%d" % retry_after))


@dataclass(slots=True)
class Request:
    """A request whose body has not been read."""

    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]
    receive: Receive

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Request:
        return cls(scope["method"], scope["path"], scope["query_string"], dict(scope["headers"]), receive)

    def header(self, name: bytes) -> bytes:
        """Return a header's value, or nothing."""
        return self.headers.get(name, b"")

    def has(self, etag: bytes) -> bool:
        """Tell whether the caller holds the answer with this ETag (`If-None-Match`)."""
        held = self.headers.get(b"if-none-match")
        if held is None or held == etag:
            return held is not None
        tags = [tag.strip().removeprefix(b"W/") for tag in held.split(b",")]
        return etag in tags or tags == [b"*"]

    async def body(self, *, most: int) -> bytes:
        """Return the body. Refuses one over `most` bytes before it is all read, and one that dawdles."""
        announced = self.headers.get(b"content-length", b"")
        is_announced = announced.isdigit()
        if is_announced and int(announced) > most:
            raise _too_large(most, is_announced)
        loop = _running_loop()
        task = asyncio.current_task(loop)
        late = loop.call_later(_PATIENCE_SECONDS, _give_up, task)  # cheaper than `asyncio.timeout`
        try:
            return await self._collected(most, is_announced)
        except asyncio.CancelledError as cancelled:
            if cancelled.args != (_LATE,) or task is None or task.uncancel():
                raise
            raise _too_slow() from None
        finally:
            late.cancel()

    async def _collected(self, most: int, is_announced: bool) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, {"error": "The connection ended before the body did."})
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > most:
                raise _too_large(most, is_announced)
            if not message.get("more_body") and not parts:
                return part
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)


def _give_up(task: asyncio.Task[Any] | None) -> None:
    if task is not None:
        task.cancel(_LATE)


_mine = threading.local()


def _running_loop() -> asyncio.AbstractEventLoop:
    """Return this thread's loop. Asking for it costs a system call before Python 3.12, so it is remembered."""
    known: asyncio.AbstractEventLoop | None = getattr(_mine, "loop", None)
    if known is None or not known.is_running():
        known = _mine.loop = asyncio.get_running_loop()
    return known


def _too_large(most: int, is_announced: bool) -> Refused:
    refused = Refused(413, {"error": f"The body is larger than {most} bytes. Send it in smaller parts."})
    if not is_announced:
        refused.headers.append((b"connection", b"close"))  # nobody knows how much more is coming
    return refused


def _too_slow() -> Refused:
    words = f"The body did not arrive within {_PATIENCE_SECONDS:.0f} s. Send it again."
    refused = Refused(408, {"error": words})
    refused.headers.append((b"connection", b"close"))
    return refused


async def answer(send: Send, status: int, body: Any = None, headers: Iterable[Header] = ()) -> None:
    """Send a whole response; `body` is encoded as JSON, None sends none."""
    await answer_encoded(send, status, b"" if body is None else encode(body), headers)


async def answer_encoded(send: Send, status: int, content: bytes, headers: Iterable[Header] = ()) -> None:
    """Send a whole response whose JSON is written already."""
    sent = [_JSON, (b"content-length", b"%d" % len(content)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": content})
