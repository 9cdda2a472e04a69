"""Reading a request and writing an answer over raw ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_encode = msgspec.json.Encoder().encode
_JSON = (b"content-type", b"application/json")
_PATIENCE_SECONDS = 15.0


class Refused(Exception):
    """The request is answered with an error: its status, and what to tell the caller."""

    def __init__(self, status: int, body: Any = None, *, retry_after: int | None = None) -> None:
        super().__init__(status)
        self.status, self.body = status, body
        self.headers = [(b"retry-after", str(retry_after).encode())] if retry_after is not None else []


async def answer(
    send: Send, status: int, body: Any = None, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Send a whole response; `body` is encoded as JSON, None sends none."""
    content = b"" if body is None else _encode(body)
    sent = [_JSON, (b"content-length", str(len(content)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": content})


async def body_of(receive: Receive, scope: Scope, *, most: int) -> bytes:
    """Return the request's body. Refuses one over `most` bytes before it is all read, and one that dawdles."""
    too_large = Refused(413, {"error": f"The body is larger than {most} bytes. Send it in smaller parts."})
    announced = header(scope, b"content-length")
    if announced.isdigit():
        if int(announced) > most:
            raise too_large
    else:
        too_large.headers.append((b"connection", b"close"))  # nobody knows how much more is coming
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await _collected(receive, most, too_large)
    except TimeoutError:
        slow = Refused(
            408, {"error": f"The body did not arrive within {_PATIENCE_SECONDS:.0f} s. Send it again."}
        )
        slow.headers.append((b"connection", b"close"))
        raise slow from None


async def _collected(receive: Receive, most: int, too_large: Refused) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, {"error": "The connection ended before the body did."})
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise too_large
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def header(scope: Scope, name: bytes) -> bytes:
    """Return a request header's value, or nothing."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return b""
