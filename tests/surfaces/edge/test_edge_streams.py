"""Push: who listens hears of a change at once, and stopping does not wait for anybody."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator

import httpx
import pytest
from edge_client import SERVER_KEY
from edge_server import Running

HEADERS = {"x-api-key": SERVER_KEY}


def messages(response: httpx.Response) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            yield fields
            fields = {}


def ticket(expiry: int, secret: bytes = b"secret") -> str:
    return f"{expiry}.{hmac.new(secret, str(expiry).encode(), hashlib.sha256).hexdigest()}"


def test_a_listener_hears_the_version_now_and_every_change(running: Running) -> None:
    with httpx.stream("GET", running.url + "/ofrep/v1/sse", headers=HEADERS, timeout=20) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        heard = messages(response)
        now = next(heard)
        assert (now["id"], now["event"]) == ("1", "message")
        running.publish(2)
        change = next(heard)
        assert change["id"] == "2"
        told = json.loads(change["data"])
        assert (told["type"], told["version"]) == ("refetchEvaluation", 2)
        running.edge.reload()  # nothing new: nothing said
        running.publish(3)
        assert next(heard)["id"] == "3"
        running.edge.close_streams()
        assert list(heard) == []


def test_a_stream_needs_a_key(running: Running) -> None:
    assert httpx.get(running.url + "/ofrep/v1/sse").status_code == 401


def test_the_console_hears_names(running: Running) -> None:
    url = f"{running.url}/live?ticket={ticket(int(time.time()) + 60)}"
    with httpx.stream("GET", url, timeout=20) as response:
        heard = messages(response)
        next(heard)
        running.live.announce("rollouts", "cases")
        change = next(heard)
        assert (change["event"], json.loads(change["data"])) == ("changed", ["rollouts", "cases"])


@pytest.mark.parametrize(
    "given", ["", "x", "99999999999.00", ticket(1), ticket(2**40, b"other"), f"é.{ticket(2**40)}"]
)
def test_the_console_needs_a_good_ticket(running: Running, given: str) -> None:
    assert httpx.get(running.url + "/live", params={"ticket": given}).status_code == 401


def test_stopping_with_300_listeners_is_quick_and_ends_each_stream(running: Running) -> None:
    request = f"GET /ofrep/v1/sse HTTP/1.1\r\nhost: x\r\nx-api-key: {SERVER_KEY}\r\n\r\n".encode()

    async def listeners() -> tuple[float, list[bytes]]:
        streams = []
        for _ in range(300):
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(request)
            await reader.readuntil(b"refetchEvaluation")
            streams.append((reader, writer))
        seconds = await asyncio.to_thread(running.stop)
        rests = [await reader.read() for reader, _ in streams]
        for _, writer in streams:
            writer.close()
        return seconds, rests

    seconds, rests = asyncio.run(listeners())
    assert all(rest.endswith(b"0\r\n\r\n") for rest in rests)  # the last chunk: a proper end
    assert seconds < 5
