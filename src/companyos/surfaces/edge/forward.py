"""Pages, passed on to the process that makes them. While it is away: a plain 503, and everything else goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Any

import httptools

from companyos.surfaces.edge.answers import Header, Receive, Scope, Send

ANSWER_WITHIN_SECONDS = 60.0
_RETRY_AFTER = b"3"
_PIECE = 64 * 1024
_OF_ONE_HOP = frozenset(
    [b"connection", b"expect", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade"]
)


class Forward:
    """The ASGI application in front of another HTTP server: one connection a request, streamed both ways."""

    def __init__(self, address: tuple[str, int], is_up: Callable[[], bool]) -> None:
        self._address, self._is_up = address, is_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_up():
            return await _say_away(send)
        try:
            reader, writer = await asyncio.open_connection(*self._address)
        except OSError:
            return await _say_away(send)
        answer = _Answer(send, has_no_body=scope["method"] == "HEAD")
        asking = asyncio.ensure_future(_ask(scope, receive, writer))
        try:
            await answer.relay(reader)
        except (OSError, TimeoutError, httptools.HttpParserError):
            pass
        finally:
            asking.cancel()
            writer.transport.abort()
        if not answer.begun:
            await _say_away(send)
        return None


class _Answer:
    """The answer on its way back. httptools calls the `on_` methods as it reads."""

    def __init__(self, send: Send, *, has_no_body: bool) -> None:
        self.begun = False
        self._send, self._has_no_body = send, has_no_body
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[Header] = []
        self._waiting: list[dict[str, Any]] = []
        self._complete = False

    async def relay(self, reader: asyncio.StreamReader) -> None:
        """Pass the answer on until it is complete, or the other side breaks off: then it stays incomplete."""
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS) as patience:
            while not self._complete and (piece := await reader.read(_PIECE)):
                self._parser.feed_data(piece)
                if self._waiting:
                    patience.reschedule(None)  # it has begun; a stream may be silent for long
                await self._pass_on()

    async def _pass_on(self) -> None:
        messages, self._waiting = self._waiting, []
        for message in messages:
            self.begun = True
            await self._send(message)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() not in _OF_ONE_HOP:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        self._waiting.append({"type": "http.response.start", "status": status, "headers": self._headers})
        if self._has_no_body:
            self.on_message_complete()

    def on_body(self, body: bytes) -> None:
        self._waiting.append({"type": "http.response.body", "body": body, "more_body": True})

    def on_message_complete(self) -> None:
        if not self._complete:
            self._waiting.append({"type": "http.response.body", "body": b"", "more_body": False})
        self._complete = True


async def _ask(scope: Scope, receive: Receive, writer: asyncio.StreamWriter) -> None:
    """Send the request, then watch whether the client leaves: whoever answers should not go on for nobody."""
    with contextlib.suppress(OSError):
        headers = [header for header in scope["headers"] if header[0] not in _OF_ONE_HOP]
        is_chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])
        writer.write(_head(scope, headers, is_chunked))
        while (message := await receive())["type"] == "http.request":
            writer.write(_chunk(message, is_chunked))
            await writer.drain()
        writer.transport.abort()


def _head(scope: Scope, headers: Iterable[Header], is_chunked: bool) -> bytes:
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    lines = [scope["method"].encode() + b" " + scope["raw_path"] + query + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in headers]
    lines += [b"connection: close", *([b"transfer-encoding: chunked"] if is_chunked else [])]
    return b"\r\n".join([*lines, b"", b""])


def _chunk(message: dict[str, Any], is_chunked: bool) -> bytes:
    body: bytes = message.get("body", b"")
    if not is_chunked:
        return body
    end = b"" if message.get("more_body") else b"0\r\n\r\n"
    return (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + end


async def _say_away(send: Send) -> None:
    words = (
        b"The pages are away for a moment; flags and events go on. This page can be loaded again shortly.\n"
    )
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(words)),
        (b"retry-after", _RETRY_AFTER),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": words})
