"""Mirror middleware for ASGI: the application answers, and the same request goes to the new one in the background."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import perf_counter
from typing import Any

from companyos_sdk.shadow.api import NOBODY, Shadow
from companyos_sdk.shadow.replay import MARK, SAFE, Kept, Request, Response

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiMirror:
    """Wraps an application. `new` takes a `Request` and returns a `Response`, as `Replay(url)` does.

    Streams pass through as they come; bodies over `most_bytes` are not compared. Only safe methods are mirrored unless
    `methods` says otherwise: replaying a POST is a second POST. In modes where the new side answers this middleware
    mirrors nothing: switching over is the router's work.
    """

    def __init__(
        self,
        app: App,
        shadow: Shadow,
        new: Callable[[Request], Response],
        *,
        about: Callable[[Request], Mapping[str, Any]] | None = None,
        methods: frozenset[str] = SAFE,
        most_bytes: int = 200_000,
    ) -> None:
        self._app, self._shadow, self._new = app, shadow, new
        self._about, self._methods, self._most_bytes = about, methods, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in self._methods or _is_mirrored(scope):
            return await self._app(scope, receive, send)
        body, answer = Kept(self._most_bytes), Kept(self._most_bytes)
        head: list[Any] = []

        async def received() -> MutableMapping[str, Any]:
            message = await receive()
            if message["type"] == "http.request":
                body.add(message.get("body", b""))
            return message

        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                head.append(message)
            elif message["type"] == "http.response.body":
                answer.add(message.get("body", b""))
            await send(message)

        began = perf_counter()
        await self._app(scope, received, sent)
        if head and body.is_whole and answer.is_whole:
            self._mirror(_request(scope, body.content()), head[0], answer.content(), began)
        return None

    def _mirror(self, request: Request, head: Any, body: bytes, began: float) -> None:
        headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in head.get("headers", ())]
        response = Response.of(head["status"], headers, body)
        self._shadow.mirror(request, response, self._new, began=began, about=self._about or _nobody)


def _nobody(_: Request) -> Mapping[str, Any]:
    return NOBODY


def _is_mirrored(scope: Scope) -> bool:
    return any(name == MARK.encode() for name, _ in scope["headers"])


def _request(scope: Scope, body: bytes) -> Request:
    raw = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    target = raw.split(b"?")[0] + (b"?" + query if query else b"")
    headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in scope["headers"])
    return Request(scope["method"], target.decode("latin-1"), headers, body)
