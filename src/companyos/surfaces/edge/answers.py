"""Reading a request and writing an answer over raw ASGI."""

from __future__ import annotations

import asyncio
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


class Refused(Exception):
    """The request is answered with an error: its status, and what to tell the caller."""

    def __init__(self, status: int, body: Any = None, *, retry_after: int | None = None) -> None:
        super().__init__(status)
        self.status, self.body = status, body
        self.headers: list[Header] = []
        if retry_after is not None:
            self.headers.append((b"retry-after", b"%d" % retry_after))


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body has not been read."""

    method: str
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
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
        too_large = Refused(413, {"error": f"The body is larger than {most} bytes. Send it in smaller parts."})
        announced = self.header(b"content-length")
        if not announced.isdigit():
            too_large.headers.append((b"connection", b"close"))  # nobody knows how much more is coming
        elif int(announced) > most:
            raise too_large
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._collected(most, too_large)
        except TimeoutError:
            raise _too_slow() from None

    async def _collected(self, most: int, too_large: Refused) -> bytes:
        parts, size = [], 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, {"error": "The connection ended before the body did."})
            part = message.get("body", b"")
            size += len(part)
            if size > most:
                raise too_large
            parts.append(part)
            if not message.get("more_body"):
                return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_slow() -> Refused:
    words = f"The body did not arrive within {_PATIENCE_SECONDS:.0f} s. Send it again."
    slow = Refused(408, {"error": words})
    slow.headers.append((b"connection", b"close"))
    return slow


async def answer(send: Send, status: int, body: Any = None, headers: Iterable[Header] = ()) -> None:
    """Send a whole response; `body` is encoded as JSON, None sends none."""
    await answer_encoded(send, status, b"" if body is None else encode(body), headers)


async def answer_encoded(send: Send, status: int, content: bytes, headers: Iterable[Header] = ()) -> None:
    """Send a whole response whose JSON is written already."""
    sent = [_JSON, (b"content-length", b"%d" % len(content)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": content})
