"""The addresses of other people's clients over HTTP: keys, answers, refusals, limits; nothing is silently dropped."""

from __future__ import annotations

import base64
import errno
import gzip
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from edge_client import SERVER_KEY
from edge_server import NOW, Running
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from companyos.analytics.inbox import FrameKind
from companyos.analytics.inbox import log as log_module
from companyos.analytics.intake import segment
from companyos.surfaces.edge.answers import Refused
from companyos.surfaces.edge.budget import Budget

AT = NOW.isoformat()
OTLP = {"content-type": "application/json"}
PROTOBUF = {"content-type": "application/x-protobuf"}
BATCHED = {"content-type": "application/cloudevents-batch+json"}
PAGE = {"content-type": "text/plain", "origin": "https://shop.example"}
LOGS = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "1772442000000000000"}]}]}]}
CE = {"specversion": "1.0", "id": "1", "source": "/a", "type": "a", "tenant": "sales"}
HOG = {"event": "a", "distinct_id": "bob", "timestamp": AT}
CALL = {"type": "track", "event": "a", "userId": "u", "timestamp": AT}
EVERY = [
    "/v1/logs",
    "/v1/traces",
    "/v1/metrics",
    "/batch/",
    "/i/v1/analytics/events",
    "/v1/batch",
    "/v1/track",
    "/v1/cloudevents",
]


def post(running: Running, path: str, content: Any, **headers: str) -> httpx.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return httpx.post(running.url + path, content=body, headers=headers)


def kept(running: Running, kind: FrameKind = FrameKind.EVENTS) -> list[Any]:
    frames = running.inbox.frames(after=0)
    return [json.loads(line) for f in frames if f.kind is kind for line in f.payload.splitlines()]


@pytest.mark.parametrize("wrapping", ["plain", "gzip", "base64", "form", "list"])
def test_posthog_in_every_wrapping(running: Running, wrapping: str) -> None:
    """The content type lies; the key is in the body, for a list in an event's properties."""
    paths = ["/batch/", "/batch", "/e/", "/i/v0/e/", "/capture/", "/track/"]
    for path in paths:
        answer = post(running, path, wrapped(wrapping, {**HOG, "event": path}), **PAGE)
        assert (answer.status_code, answer.json()) == (200, {"status": 1})
        assert answer.headers["access-control-allow-origin"] == "*"
    found = kept(running)
    assert [json.loads(e["props"])["$event"] for e in found] == paths
    assert {(e["tenant"], e["actor"]) for e in found} == {("sales", "bob")}
    assert "key-of-sales" not in json.dumps(found)


def wrapped(wrapping: str, record: dict[str, Any]) -> bytes:
    whole = json.dumps({"api_key": "key-of-sales", **record}).encode()
    return {
        "plain": whole,
        "gzip": gzip.compress(whole),
        "base64": base64.b64encode(whole),
        "form": urlencode({"data": base64.b64encode(whole)}).encode(),
        "list": json.dumps([{**record, "properties": {"token": "key-of-sales"}}]).encode(),
    }[wrapping]


def test_posthog_v1_says_what_became_of_each(running: Running) -> None:
    good, bad = {**HOG, "uuid": "a" * 36}, {"event": "a", "uuid": "b" * 36, "timestamp": AT}
    content = {"created_at": AT, "batch": [good, bad]}
    for _ in range(2):
        answer = post(running, "/i/v1/analytics/events", content, authorization="Bearer key-of-sales")
        assert answer.status_code == 200
        results = answer.json()["results"]
        assert results["a" * 36] == {"result": "ok"}
        assert (results["b" * 36]["result"], "distinct_id" in results["b" * 36]["details"]) == ("drop", True)
    assert len(kept(running)) == 1


@pytest.mark.parametrize("auth", ["basic", "body", "bearer"])
def test_segment_single_calls_and_keys(running: Running, auth: str) -> None:
    basic = "Basic " + base64.b64encode(b"key-of-sales:").decode()
    headers = {
        "basic": {"authorization": basic},
        "body": {},
        "bearer": {"authorization": "Bearer key-of-sales"},
    }
    record = {name: told for name, told in CALL.items() if name != "type"}
    for call in segment.CALLS:
        content = record | ({"writeKey": "key-of-sales"} if auth == "body" else {})
        answer = post(running, f"/v1/{call}", content, **headers[auth])
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [e["tenant"] for e in kept(running)] == ["sales"] * len(segment.CALLS)


@pytest.mark.parametrize(
    ("path", "content", "headers", "status"),
    [
        ("/batch/", {"api_key": "key-of-sales", "batch": [HOG, {**HOG, "event": 7}]}, {}, 200),
        ("/batch/", {"api_key": "key-of-sales", "batch": [{**HOG, "event": 7}]}, {}, 400),
        ("/v1/batch", {"writeKey": "key-of-sales", "batch": [CALL, {**CALL, "type": "x"}]}, {}, 200),
        ("/v1/batch", {"writeKey": "key-of-sales", "batch": [{**CALL, "type": "x"}]}, {}, 400),
        ("/v1/cloudevents", [CE, {"id": "2"}], {**BATCHED, "x-api-key": "key-of-sales"}, 207),
        ("/v1/cloudevents", [{"id": "2"}], {**BATCHED, "x-api-key": "key-of-sales"}, 422),
        ("/v1/cloudevents", [CE], {**BATCHED, "x-api-key": "key-of-sales"}, 202),
    ],
)
def test_poison_is_put_aside_and_said(
    running: Running, path: str, content: Any, headers: dict[str, str], status: int
) -> None:
    answer = post(running, path, content, **headers)
    assert answer.status_code == status
    poison = kept(running, FrameKind.QUARANTINE)
    assert len(poison) == (0 if status == 202 else 1)
    assert all(row["reason"] and row["tenant"] == "sales" for row in poison)
    assert bool(poison) == ("quarantine" in answer.text and bool(answer.json().get("quarantined")))
    assert len(kept(running)) == (0 if status in (400, 422) else 1)


@pytest.mark.parametrize("encoding", [OTLP, PROTOBUF])
def test_otlp_answers_in_the_encoding_it_was_asked_in(running: Running, encoding: dict[str, str]) -> None:
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=1772442000000000000)
    body = request.SerializeToString() if encoding is PROTOBUF else json.dumps(LOGS).encode()
    for content, extra in [(body, {}), (gzip.compress(body), {"content-encoding": "gzip"})]:
        answer = post(running, "/v1/logs", content, **encoding, **extra, **{"x-api-key": "key-of-sales"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, encoding["content-type"])
        assert answer.content == (b"" if encoding is PROTOBUF else b"{}")
    refused = post(running, "/v1/logs", b"\xff?", **encoding, **{"x-api-key": "key-of-sales"})
    assert (refused.status_code, refused.headers["content-type"]) == (400, encoding["content-type"])
    assert b"cannot be read" in refused.content
    assert len(kept(running)) == 1  # the second copy was a duplicate


def test_every_address_refuses_with_a_reason(running: Running) -> None:
    key = {"authorization": f"Bearer {SERVER_KEY}"}
    for path in EVERY:
        good = {"/v1/cloudevents": BATCHED}.get(path, OTLP)
        asked = {
            401: post(running, path, b"{}", **good, authorization="Bearer wrong"),
            403: post(running, path, b"{}", **good, authorization="Bearer key-to-evaluate"),
            400: post(running, path, b"{ nothing", **good, **key),
            415: post(running, path, b"{}", **good, **key, **{"content-encoding": "br"}),
            413: post(running, path, b" " * (5 * 1024 * 1024 + 1), **good, **key),
            405: httpx.get(running.url + path),
        }
        assert {wanted: answer.status_code for wanted, answer in asked.items()} == {n: n for n in asked}, path
        assert all(len(answer.content) > 20 for answer in asked.values())
    assert kept(running) == []


def test_before_the_first_ruleset_everybody_is_asked_to_come_again(unpublished: Running) -> None:
    for path in EVERY:
        good = {"/v1/cloudevents": BATCHED}.get(path, OTLP)
        answer = post(unpublished, path, b"{}", **good, authorization=f"Bearer {SERVER_KEY}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("path", ["/v1/logs", "/v1/cloudevents"])
def test_a_content_type_nobody_reads_is_named(running: Running, path: str) -> None:
    answer = post(running, path, b"{}", **{"content-type": "text/csv", "x-api-key": "key-of-sales"})
    assert answer.status_code == 415
    assert "application/" in answer.text


def test_a_page_may_ask(running: Running) -> None:
    headers = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    for path in EVERY:
        answer = httpx.options(running.url + path, headers=headers)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "POST" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize("framing", ["content-length: 1000000000000", "transfer-encoding: chunked"])
@pytest.mark.parametrize("path", ["/batch/", "/v1/logs"])
def test_too_much_is_refused_before_it_is_buffered(running: Running, framing: str, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {SERVER_KEY}\r\n{framing}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as raw:
        raw.sendall(head.encode())
        if "chunked" in framing:
            chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
            for _ in range(80):
                raw.sendall(chunk)
            raw.sendall(b"1\r\n \r\n")
        assert raw.recv(12) == b"HTTP/1.1 413"


def test_a_full_disk_is_a_503_that_every_client_retries(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OTLP retries 429, 502, 503 and 504 only. What was not kept is not taken for a duplicate afterwards."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(log_module, "_write_all", full)
        refused = post(running, "/v1/logs", LOGS, **OTLP, **{"x-api-key": "key-of-sales"})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert post(running, "/v1/logs", LOGS, **OTLP, **{"x-api-key": "key-of-sales"}).status_code == 200
    assert len(kept(running)) == 1


def test_a_request_larger_than_a_frame_is_kept_whole(running: Running) -> None:
    """12 MB of stored lines from 7 MB of JSON: more than one frame of the log."""
    batch = [
        {**HOG, "timestamp": AT, "uuid": f"event-{n:031d}", "properties": {"text": '"' * 7000}}
        for n in range(500)
    ]
    body = gzip.compress(json.dumps({"api_key": "key-of-sales", "batch": batch}).encode())
    assert post(running, "/batch/", body).status_code == 200
    assert [e["id"] for e in kept(running)] == [record["uuid"] for record in batch]
    assert running.inbox.synced_seq > 1


def test_the_budget_is_held_and_given_back() -> None:
    budget = Budget(most=100)
    with budget.reserve(b"60", most=80):
        assert budget.taken == 60
        with pytest.raises(Refused) as refused, budget.reserve(b"", most=80):
            pass
        assert refused.value.status == 503
        with budget.reserve(b"40", most=80):
            assert budget.taken == 100
    assert budget.taken == 0


def until(holds: Callable[[], bool]) -> None:
    gives_up = monotonic() + 20
    while not holds():
        assert monotonic() < gives_up
        sleep(0.001)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Running]:
    server = Running(tmp_path)
    server.publish(1)
    server.edge._ingest.budget = Budget(most=100_000)
    yield server
    server.close()


def test_when_memory_is_full_senders_are_asked_to_come_again(small: Running) -> None:
    """One slow body holds the budget; others get 503 at once, and are taken when it is gone."""
    head = "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99000\r\n"
    with socket.create_connection(("127.0.0.1", small.port), timeout=20) as slow:
        slow.sendall(f"{head}x-api-key: {SERVER_KEY}\r\n\r\n{{".encode())
        until(lambda: small.edge._ingest.budget.taken > 0)
        body = json.dumps(LOGS).encode() + b" " * 5000
        refused = post(small, "/v1/logs", body, **OTLP, **{"x-api-key": "key-of-sales"})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    until(lambda: small.edge._ingest.budget.taken == 0)
    assert post(small, "/v1/logs", body, **OTLP, **{"x-api-key": "key-of-sales"}).status_code == 200


def test_our_own_events_may_come_compressed(running: Running) -> None:
    event = {"id": "event-0001", "event": "a", "time": AT, "tenant": "sales"}
    body = gzip.compress(json.dumps({"events": [event]}).encode())
    headers = {"x-api-key": "key-of-sales", "content-encoding": "gzip"}
    assert post(running, "/v1/events", body, **headers).status_code == 202
    assert post(running, "/v1/events", body[:-9], **headers).status_code == 400
    assert post(running, "/v1/events", b"{}", **{**headers, "content-encoding": "br"}).status_code == 415
    assert len(kept(running)) == 1
