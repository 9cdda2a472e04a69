"""One HTTP request as data, and what came back: so that it can be sent to the other side again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MARK = "x-companyos-shadow"  # on every replayed request, so that the other side can tell
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "host"}
    | {"proxy-authenticate", "proxy-authorization", "expect"}
)
_COMPARED_HEADERS = ("content-type", "location")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str  # path and query
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What is compared of a response: status, content type and location, and the body, parsed where it is JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @classmethod
    def of(cls, status: int, headers: list[tuple[str, str]], body: bytes) -> Response:
        found = {name.lower(): value for name, value in headers}
        kept = {name: found[name] for name in _COMPARED_HEADERS if name in found}
        return cls(status, kept, _parsed(found.get("content-type", ""), body))


@dataclass(frozen=True, slots=True)
class Replay:
    """Sends a request to another base URL. `transport` is httpx's, for tests and for applications in this process."""

    base_url: str
    transport: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    timeout_seconds: float = 5.0

    def __call__(self, request: Request) -> Response:
        import httpx

        headers = [(n, v) for n, v in request.headers if n.lower() not in _HOP_BY_HOP]
        with httpx.Client(transport=self.transport, timeout=self.timeout_seconds) as client:
            answer = client.request(
                request.method,
                self.base_url.rstrip("/") + request.target,
                headers=[*headers, *self.headers, (MARK, "1")],
                content=request.body,
            )
        return Response.of(answer.status_code, list(answer.headers.multi_items()), answer.content)


class Kept:
    """A body as it passes by, up to a bound; what is longer is not compared."""

    __slots__ = ("_left", "_parts", "is_whole")

    def __init__(self, most_bytes: int) -> None:
        self._left, self._parts, self.is_whole = most_bytes, [], True

    def add(self, chunk: bytes) -> None:
        self._left -= len(chunk)
        if self._left < 0:
            self.is_whole, self._parts = False, []
        elif self.is_whole:
            self._parts.append(chunk)

    def content(self) -> bytes:
        return b"".join(self._parts)

    _parts: list[bytes]


def _parsed(content_type: str, body: bytes) -> Any:
    if "json" in content_type:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            return body
    if content_type.startswith("text/"):
        return body.decode("utf-8", "replace")
    return body
