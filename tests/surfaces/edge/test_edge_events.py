"""Events into the edge, over HTTP: every event answered on its own, nothing acknowledged that is not kept."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import threading
from typing import Any

import httpx
import pytest
from edge_client import SERVER_KEY, event
from edge_server import Running

from companyos.analytics.inbox import FrameKind
from companyos.analytics.inbox import log as log_module

DEEP = '{"id":"event-bad1","event":"a","time":"2026-03-02T09:00:00Z","tenant":"sales","props":{"x":'
DEEP += "[" * 5000 + "]" * 5000 + "}}"


def post(running: Running, content: Any, key: str = SERVER_KEY, path: str = "/v1/events") -> httpx.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return httpx.post(running.url + path, content=body, headers={"x-api-key": key})


def send(running: Running, *events: dict[str, Any], key: str = SERVER_KEY) -> httpx.Response:
    return post(running, {"events": events}, key)


def kept(running: Running, kind: FrameKind) -> list[Any]:
    frames = running.inbox.frames(after=0)
    return [json.loads(line) for f in frames if f.kind is kind for line in f.payload.splitlines()]


def test_events_are_kept_once_and_retries_counted(running: Running) -> None:
    first = send(running, event("event-0001"), event("event-0002"))
    assert (first.status_code, first.json()) == (
        202,
        {"accepted": 2, "duplicates": 0, "quarantined": [], "offset": 1},
    )
    again = send(running, event("event-0002"), event("event-0003"))
    assert (again.json()["accepted"], again.json()["duplicates"]) == (1, 1)
    twice = send(running, event("event-0004"), event("event-0004"))
    assert (twice.json()["accepted"], twice.json()["duplicates"]) == (1, 1)
    assert [e["id"] for e in kept(running, FrameKind.EVENTS)] == [f"event-000{n}" for n in (1, 2, 3, 4)]


def test_the_same_id_in_another_tenant_is_another_event(running: Running) -> None:
    answer = send(running, event("event-0001"), event("event-0001", tenant="support"))
    assert answer.json()["accepted"] == 2


def test_another_body_under_a_known_id_is_quarantined_and_the_first_wins(running: Running) -> None:
    send(running, event("event-0001", value=1))
    answer = send(running, event("event-0001", value=2))
    assert answer.status_code == 422
    assert answer.json()["quarantined"][0]["id"] == "event-0001"
    assert [e["value"] for e in kept(running, FrameKind.EVENTS)] == [1]
    assert [q["id"] for q in kept(running, FrameKind.QUARANTINE)] == ["event-0001"]


@pytest.mark.parametrize(
    ("poison", "named"),
    [
        ('{"id":"event-bad1","tenant":"sales","value":NaN}', ""),
        ('{"id":"event-bad1","tenant":"sales","value":1e400}', "event-bad1"),
        ('{"id":"event-bad1","tenant":"sales","case":"\\ud800"}', ""),
        ("[" * 100_000 + "]" * 100_000, ""),
        ('{"id":"event-bad1","tenant":"sales"}', "event-bad1"),
        ('{"id":"event-bad1","event":"a","time":"2026-03-04T09:00:00Z","tenant":"sales"}', "event-bad1"),
        ('{"id":"event-bad1","event":"a","time":"2026-03-02T09:00:00Z","tenant":"sales","props":{"by":7}}',
         "event-bad1"),
        (DEEP, ""),
    ],
)  # fmt: skip
def test_a_poisoned_event_is_quarantined_and_its_neighbours_kept(
    running: Running, poison: str, named: str
) -> None:
    body = f'{{"events":[{json.dumps(event("event-0001"))},{poison},{json.dumps(event("event-0002"))}]}}'
    answer = post(running, body.encode())
    assert answer.status_code == 207
    (refused,) = answer.json()["quarantined"]
    assert refused["index"] == 1
    assert refused["reason"]
    assert refused["id"] == named
    assert [e["id"] for e in kept(running, FrameKind.EVENTS)] == ["event-0001", "event-0002"]
    assert len(kept(running, FrameKind.QUARANTINE)) == 1


@pytest.mark.parametrize(
    ("content", "key", "status"),
    [
        (b"not json", SERVER_KEY, 400),
        (b'{"events":"x"}', SERVER_KEY, 400),
        ({"events": []}, SERVER_KEY, 202),
        ({"events": [event("event-0001")]}, "wrong", 401),
        ({"events": [event("event-0001")]}, "key-to-evaluate", 403),
        ({"events": [event("event-0001")]}, "key-of-sales", 202),
        ({"events": [event("event-0001"), event("event-0002", tenant="support")]}, "key-of-sales", 403),
        ({"events": [{"id": "event-0001", "tenant": "support"}]}, "key-of-sales", 403),
        ({"events": [event(f"event-{n:04d}") for n in range(1001)]}, SERVER_KEY, 413),
        (b'{"events":[' + b" " * (1024 * 1024) + b"]}", SERVER_KEY, 413),
    ],
)
def test_a_whole_request_is_refused_for_these_reasons(
    running: Running, content: Any, key: str, status: int
) -> None:
    answer = post(running, content, key)
    assert answer.status_code == status
    assert status == 202 or answer.json()["error"]
    assert len(kept(running, FrameKind.EVENTS)) == (1 if status == 202 and key == "key-of-sales" else 0)


@pytest.mark.parametrize("framing", ["content-length: 1000000000000", "transfer-encoding: chunked"])
def test_too_much_is_refused_before_it_is_buffered(running: Running, framing: str) -> None:
    """413 comes while the client is still sending, and a body without an end does not hold the connection."""
    head = f"POST /v1/events HTTP/1.1\r\nhost: x\r\nx-api-key: {SERVER_KEY}\r\n{framing}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as raw:
        raw.sendall(head.encode())
        if "chunked" in framing:
            chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
            for _ in range(16):
                raw.sendall(chunk)
            raw.sendall(b"1\r\n \r\n")
        assert raw.recv(12) == b"HTTP/1.1 413"


def test_a_provider_says_what_it_serves(running: Running) -> None:
    answer = post(running, {"provider": "checkout-1", "version": 1}, path="/v1/serving")
    assert answer.status_code == 202
    (told,) = kept(running, FrameKind.SERVING)
    assert (told["provider"], told["version"]) == ("checkout-1", 1)
    assert told["wall"].endswith("Z")


@pytest.mark.parametrize(
    "content", [{}, {"provider": "", "version": 1}, {"provider": "x", "version": 10**30}, b"?"]
)
def test_a_serving_report_that_says_nothing_is_refused(running: Running, content: Any) -> None:
    assert post(running, content, path="/v1/serving").status_code == 400
    assert post(running, {"provider": "x", "version": 1}, "key-of-sales", "/v1/serving").status_code == 403


def test_a_duplicate_is_not_acknowledged_before_its_first_copy_is_safe(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The retry arrives while the first copy is still being written, and that write then fails."""
    gate, real = threading.Event(), log_module._write_all
    writes: list[int] = []

    def first_fails(file: int, blob: bytes, offset: int) -> int:
        writes.append(len(blob))
        if len(writes) == 1:
            gate.wait(20)
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, blob, offset)

    monkeypatch.setattr(log_module, "_write_all", first_fails)
    headers = {"x-api-key": SERVER_KEY}

    async def two_copies() -> list[int]:
        async with httpx.AsyncClient(base_url=running.url, headers=headers) as client:
            content = {"events": [event("event-0001")]}
            first = asyncio.create_task(client.post("/v1/events", json=content))
            while not writes:
                await asyncio.sleep(0.001)
            second = asyncio.create_task(client.post("/v1/events", json=content))
            health = await client.get("/healthz")  # answered meanwhile
            await asyncio.wait({second}, timeout=0.3)
            assert not second.done()
            gate.set()
            return [(await first).status_code, (await second).status_code, health.status_code]

    assert asyncio.run(two_copies()) == [507, 507, 200]
    assert send(running, event("event-0001")).json()["accepted"] == 1
    assert len(kept(running, FrameKind.EVENTS)) == 1
