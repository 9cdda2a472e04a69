"""Raw HTTP/1.1 for load: requests on kept-alive connections, and event streams. Light, since it shares the cores."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Client:
    """A pool of connections to one port; a request takes a free one or makes another."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[Pipe] = []

    async def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request and return status, headers and body."""
        message = head(method, path, headers, body)
        while self._free:  # the server closes connections that were idle for some seconds
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                return await self._talk(self._free.pop(), message)
        return await self._talk(await self._connect(), message)

    async def _talk(self, pipe: Pipe, message: bytes) -> tuple[int, dict[str, str], bytes]:
        reader, writer = pipe
        writer.write(message)
        status, told = await read_head(reader)
        content = await _read_body(reader, told)
        self._free.append(pipe)
        return status, told, content

    async def _connect(self) -> Pipe:
        return await asyncio.open_connection("127.0.0.1", self._port)

    def close(self) -> None:
        for _, writer in self._free:
            writer.close()
        self._free.clear()


def head(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
    if body is not None:
        lines.append(f"content-length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = (line.partition(":") for line in lines[1:] if line)
    return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in fields}


async def _read_body(reader: asyncio.StreamReader, told: Mapping[str, str]) -> bytes:
    if "content-length" in told:
        return await reader.readexactly(int(told["content-length"]))
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append((await reader.readexactly(size + 2))[:-2])
    await reader.readline()
    return b"".join(parts)


async def events(pipe: Pipe, path: str, key: str) -> AsyncIterator[dict[str, Any]]:
    """Open an event stream on a fresh connection; yields its messages until it ends. Raises OSError."""
    reader, writer = pipe
    writer.write(head("GET", path, {"authorization": f"Bearer {key}"}, None))
    status, _ = await read_head(reader)
    if status != 200:
        raise ConnectionError(f"the stream answered {status}")
    while line := await reader.readline():
        if line.startswith(b"data: "):
            yield json.loads(line[6:])
