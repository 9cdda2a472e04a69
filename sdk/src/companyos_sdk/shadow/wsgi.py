"""Mirror middleware for WSGI: the application answers, and the same request goes to the new one in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from time import perf_counter
from typing import Any
from urllib.parse import quote

from companyos_sdk.shadow.api import NOBODY, Shadow
from companyos_sdk.shadow.replay import MARK, SAFE, Kept, Request, Response

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class WsgiMirror:
    """Wraps an application; the same terms as `AsgiMirror`. The answer is mirrored when it was sent to its end."""

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

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in self._methods or _MARKED in environ:
            return self._app(environ, start_response)
        size = environ.get("CONTENT_LENGTH") or "0"
        if not size.isdigit() or int(size) > self._most_bytes:
            return self._app(environ, start_response)
        body = environ["wsgi.input"].read(int(size)) if int(size) else b""
        environ["wsgi.input"] = BytesIO(body)
        request, began = _request(environ, body), perf_counter()
        head: list[Any] = []

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            head[:] = [int(status.split(" ")[0]), headers]
            return start_response(status, headers, *more)

        return self._passed(self._app(environ, started), request, head, began)

    def _passed(
        self, chunks: Iterable[bytes], request: Request, head: list[Any], began: float
    ) -> Iterator[bytes]:
        answer = Kept(self._most_bytes)
        try:
            for chunk in chunks:
                answer.add(chunk)
                yield chunk
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        if head and answer.is_whole:
            response = Response.of(head[0], head[1], answer.content())
            self._shadow.mirror(request, response, self._new, began=began, about=self._about or _nobody)


_MARKED = "HTTP_" + MARK.upper().replace("-", "_")


def _nobody(_: Request) -> Mapping[str, Any]:
    return NOBODY


def _request(environ: Environ, body: bytes) -> Request:
    path = quote(
        environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
        safe="/%:@!$&'()*+,;=~-._",
        encoding="latin-1",
    )
    query = environ.get("QUERY_STRING", "")
    headers = tuple(
        (name[5:].replace("_", "-").lower(), value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    )
    kind = environ.get("CONTENT_TYPE")
    more = (("content-type", kind),) if kind else ()
    return Request(environ["REQUEST_METHOD"], f"{path}?{query}" if query else path, (*headers, *more), body)
