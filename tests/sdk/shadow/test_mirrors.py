"""R118: an HTTP application answers, and the same request goes to the new one in the background."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from heard import Heard

from companyos_sdk.shadow import AsgiMirror, Inline, Mode, Replay, Rules, Shadow, WsgiMirror
from companyos_sdk.shadow.replay import MARK, Request, Response

NEW = Replay("http://new", httpx.MockTransport(lambda r: httpx.Response(200, json=_seen(r))))


def _seen(request: httpx.Request) -> dict[str, Any]:
    assert request.headers[MARK] == "1"
    return {"target": request.url.raw_path.decode(), "who": request.headers.get("x-who"), "new": True}


async def _asgi(scope: Any, receive: Any, send: Any) -> None:
    query = f"?{scope['query_string'].decode()}" if scope["query_string"] else ""
    who = dict(scope["headers"]).get(b"x-who", b"").decode()
    body = json.dumps({"target": scope["path"] + query, "who": who, "new": False}).encode()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body[:7], "more_body": True})
    await send({"type": "http.response.body", "body": body[7:]})


def _wsgi(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
    said = {"target": environ["PATH_INFO"] + query, "who": environ.get("HTTP_X_WHO", ""), "new": False}
    start("200 OK", [("Content-Type", "application/json")])
    body = json.dumps(said).encode()
    return [body[:7], body[7:]]


async def _ask_asgi(app: Any, method: str, **more: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://old") as client:
        return await client.request(method, "/cases/7?full=1", headers={"x-who": "ada", **more})


def _ask(kind: str, shadow: Shadow, method: str = "GET", **more: Any) -> httpx.Response:
    import asyncio

    if kind == "asgi":
        app = AsgiMirror(_asgi, shadow, NEW, about=lambda r: {"case": r.target}, most_bytes=1000)
        return asyncio.run(_ask_asgi(app, method, **more))
    wrapped: Any = WsgiMirror(_wsgi, shadow, NEW, about=lambda r: {"case": r.target}, most_bytes=1000)
    with httpx.Client(transport=httpx.WSGITransport(wrapped), base_url="http://old") as client:
        return client.request(method, "/cases/7?full=1", headers={"x-who": "ada", **more})


@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
def test_R118_a_request_is_mirrored(kind: str) -> None:
    heard = Heard()
    answer = _ask(kind, Shadow("http", telemetry=heard, pool=Inline(), rules=Rules(ignore=("/headers/**",))))
    assert answer.json() == {"target": "/cases/7?full=1", "who": "ada", "new": False}
    assert heard.events[0]["case"] == "/cases/7?full=1"
    assert heard.events[0]["props"]["shadow.places"] == ["/body/new changed"]


@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
@pytest.mark.parametrize(
    ("method", "mode", "headers"),
    [
        ("POST", Mode.SHADOW, {}),  # a second POST would be a second order
        ("GET", Mode.SHADOW, {MARK: "1"}),  # a mirror of a mirror
        ("GET", Mode.OFF, {}),
        ("GET", Mode.REVERSE_SHADOW, {}),
    ],
)
def test_R118_what_is_not_mirrored(kind: str, method: str, mode: Mode, headers: dict[str, str]) -> None:
    heard = Heard()
    shadow = Shadow("http", mode=mode, telemetry=heard, pool=Inline())
    assert _ask(kind, shadow, method, **headers).status_code == 200
    assert heard.events == []


def test_R118_a_new_application_that_is_away_is_told() -> None:
    def away(_: Request) -> Response:
        return Replay("http://127.0.0.1:9", timeout_seconds=1)(Request("GET", "/", (), b""))

    heard = Heard()
    shadow = Shadow("http", telemetry=heard, pool=Inline())
    wrapped: Any = WsgiMirror(_wsgi, shadow, away)
    with httpx.Client(transport=httpx.WSGITransport(wrapped), base_url="http://old") as client:
        assert client.get("/").status_code == 200
    assert heard.events[0]["props"]["shadow.places"] == ["an answer or ConnectError"]
    assert heard.events[0]["props"]["shadow.verdict"] == "error"
