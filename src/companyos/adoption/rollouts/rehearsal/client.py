"""A small HTTP/1.1 client on kept-alive connections: JSON out, JSON in, nothing else.

A rehearsal sends tens of thousands of small requests to one server beside it; a general client would take
longer than the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

CONNECTIONS = 8
ANSWER_WITHIN_S = 120.0
_LONGEST_HEAD = 64 * 1024
_LONGEST_BODY = 64 * 1024 * 1024


class NoAnswer(ConnectionError):
    """The server cannot be reached, broke off, or answered something that is not HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The decoded body. Raises NoAnswer when it is no JSON."""
        try:
            return msgspec.json.decode(self.body or b"null")
        except msgspec.DecodeError as error:
            raise NoAnswer(f"the server answered {self.status} with a body that is no JSON") from error

    def why(self) -> str:
        """What the server says went wrong, in one line."""
        try:
            said = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            said = self.body[:200].decode(errors="replace")
        if isinstance(said, dict):
            said = next((said[k] for k in ("error", "errorDetails", "detail", "message") if k in said), said)
        return " ".join(str(said).split())[:300]


@dataclass(frozen=True, slots=True)
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Client:
    """Requests to one server over at most so many connections; further requests wait for a free one."""

    def __init__(self, url: str, *, connections: int = CONNECTIONS) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"a rehearsal speaks http to a server on this machine, got '{url}'")
        self.host, self.port = parts.hostname, parts.port or 80
        self._idle: list[Connection] = []
        self._slots = asyncio.Semaphore(connections)

    async def get(self, path: str, key: str) -> Answer:
        return await self.request("GET", path, key)

    async def post(self, path: str, key: str, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
        """Post `body`: bytes as they are, anything else as JSON."""
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return await self.request("POST", path, key, data, headers)

    async def request(
        self,
        method: str,
        path: str,
        key: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request. Raises NoAnswer. A kept connection found closed is replaced once."""
        message = self.message(method, path, key, body, headers)
        async with self._slots:
            while self._idle:
                try:
                    return await self._talk(self._idle.pop(), message)
                except _ClosedMeanwhile:
                    continue
            try:
                return await self._talk(await self.connect(), message)
            except _ClosedMeanwhile as error:
                raise NoAnswer(f"the server at {self.host}:{self.port} closed the connection") from error

    def message(
        self, method: str, path: str, key: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            f"Authorization: Bearer {key}",
        ]
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return "\r\n".join([*lines, "", ""]).encode() + (body or b"")

    async def connect(self) -> Connection:
        try:
            return Connection(*await asyncio.open_connection(self.host, self.port, limit=_LONGEST_HEAD))
        except OSError as error:
            raise NoAnswer(f"nothing answers at {self.host}:{self.port} ({error})") from error

    async def _talk(self, connection: Connection, message: bytes) -> Answer:
        keep = False
        try:
            connection.writer.write(message)
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await connection.writer.drain()
                answer = await read_answer(connection.reader)
            keep = answer.headers.get("connection", "").lower() != "close"
            return answer
        except TimeoutError as error:
            raise NoAnswer(f"the server gave no answer within {ANSWER_WITHIN_S:g} s") from error
        except OSError as error:
            if isinstance(error, NoAnswer):
                raise
            raise _ClosedMeanwhile from error
        finally:
            if keep:
                self._idle.append(connection)
            else:
                connection.writer.close()

    async def close(self) -> None:
        for connection in self._idle:
            connection.writer.close()
        await asyncio.gather(*(c.writer.wait_closed() for c in self._idle), return_exceptions=True)
        self._idle.clear()


class _ClosedMeanwhile(ConnectionError):
    """The connection was closed before a byte of the answer came."""


@asynccontextmanager
async def open_client(url: str) -> AsyncIterator[Client]:
    client = Client(url)
    try:
        yield client
    finally:
        await client.close()


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Read the status and the headers of an answer. Raises NoAnswer."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise NoAnswer("the server broke off in the middle of an answer") from error
        raise _ClosedMeanwhile from error
    except asyncio.LimitOverrunError as error:
        raise NoAnswer("the server's answer has headers without end") from error
    status, *lines = head.decode("latin-1").split("\r\n")
    if not status.startswith("HTTP/1.") or not status[9:12].isdigit():
        raise NoAnswer(f"the server does not speak HTTP/1.1: '{status[:80]}'")
    pairs = (line.partition(":") for line in lines if line)
    return int(status[9:12]), {name.lower(): value.strip() for name, _, value in pairs}


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Read one whole answer. Raises NoAnswer."""
    status, headers = await read_head(reader)
    try:
        return Answer(status, headers, await _read_body(reader, status, headers))
    except (asyncio.IncompleteReadError, ValueError) as error:
        raise NoAnswer("the server broke off in the middle of an answer") from error


async def _read_body(reader: asyncio.StreamReader, status: int, headers: dict[str, str]) -> bytes:
    if status in (204, 304):
        return b""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _read_chunks(reader)
    length = int(headers.get("content-length", "0"))
    if length > _LONGEST_BODY:
        raise NoAnswer(f"the server's answer takes {length} bytes; at most {_LONGEST_BODY} are read")
    return await reader.readexactly(length) if length else b""


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks = []
    while size := int((await reader.readline()).split(b";")[0] or b"x", 16):
        chunks.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readline()
    return b"".join(chunks)
