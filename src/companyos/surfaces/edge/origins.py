"""Pages of other origins: which may ask, by the origins their browser keys name (CORS)."""

from __future__ import annotations

from companyos.surfaces.edge.answers import Header, Request, Send
from companyos.surfaces.edge.rulesets import Ruleset

_PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-methods", b"GET, POST"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, flagd-selector, if-none-match, x-api-key",
    ),
    (b"access-control-max-age", b"600"),
)
_EXPOSED: Header = (b"access-control-expose-headers", b"etag, retry-after")
_VARIES: Header = (b"vary", b"origin")


def is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and b"access-control-request-method" in request.headers


async def preflight(request: Request, send: Send, ruleset: Ruleset) -> None:
    """Answer what a browser asks before it asks. It brings no key, so any origin of any key may go on.

    `send` is `readable`'s, which says whose page may.
    """
    headers = _PREFLIGHT if request.header(b"origin") in ruleset.origins else (_VARIES,)
    await send({"type": "http.response.start", "status": 204, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b""})


def readable(request: Request, send: Send, ruleset: Ruleset) -> Send:
    """Return a `send` whose answers the asking page may read, when its origin is one of a key."""
    origin = request.headers.get(b"origin")
    if origin is None or origin not in ruleset.origins:
        return send
    extra = [(b"access-control-allow-origin", origin), _EXPOSED, _VARIES]

    async def sending(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            headers: list[Header] = message["headers"]  # type: ignore[assignment]
            message = {**message, "headers": [*headers, *extra]}
        await send(message)

    return sending
