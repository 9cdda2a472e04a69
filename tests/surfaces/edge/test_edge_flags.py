"""Flags out of the edge, over HTTP: OFREP answers, keys, rulesets that come, and rulesets that are broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from edge_client import SERVER_KEY
from edge_server import Running, publish

ONE = "/ofrep/v1/evaluate/flags/unified-approvals"
ALL = "/ofrep/v1/evaluate/flags"


def ask(running: Running, path: str, content: Any, key: str = SERVER_KEY, **headers: str) -> httpx.Response:
    sent = {"authorization": f"Bearer {key}", **headers}
    if isinstance(content, bytes):
        return httpx.post(running.url + path, content=content, headers=sent)
    return httpx.post(running.url + path, json={"context": content}, headers=sent)


def who(tenant: str) -> dict[str, str]:
    return {"targetingKey": "ann-lee", "tenant": tenant}


def test_one_flag_is_answered_as_ofrep_says(running: Running) -> None:
    on, off = ask(running, ONE, who("sales")), ask(running, ONE, who("support"))
    assert on.status_code == 200
    assert (on.json()["value"], on.json()["variant"], on.json()["reason"]) == (True, "on", "TARGETING_MATCH")
    assert off.json()["value"] is False
    assert on.json()["key"] == "unified-approvals"


def test_a_disabled_flag_leaves_the_value_to_the_caller(running: Running) -> None:
    answer = ask(running, ALL + "/switched-off", who("sales")).json()
    assert answer["reason"] == "DISABLED"
    assert "value" not in answer


@pytest.mark.parametrize(
    ("path", "content", "status", "code"),
    [
        (ALL + "/nowhere", {"targetingKey": "x"}, 404, "FLAG_NOT_FOUND"),
        (ONE, b"{", 400, "PARSE_ERROR"),
        (ONE, b'{"context":{"targetingKey":"x","n":NaN}}', 400, "PARSE_ERROR"),
        (ONE, b'{"context":{"targetingKey":"\\ud800"}}', 400, "PARSE_ERROR"),
        (ONE, b'{"context":{"x":' + b"[" * 20_000 + b"]" * 20_000 + b"}}", 400, "PARSE_ERROR"),
        (ONE, b"{}", 400, "INVALID_CONTEXT"),
        (ONE, b'{"context":[]}', 400, "INVALID_CONTEXT"),
        (ONE, {}, 400, "TARGETING_KEY_MISSING"),
    ],
)
def test_a_wrong_question_is_told_why(
    running: Running, path: str, content: Any, status: int, code: str
) -> None:
    answer = ask(running, path, content)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert answer.json()["errorDetails"]


def test_a_context_too_large_is_refused(running: Running) -> None:
    assert ask(running, ONE, {"targetingKey": "x" * 70_000}).status_code == 413


def test_all_flags_come_with_an_etag_that_saves_the_next_answer(running: Running) -> None:
    first = ask(running, ALL, who("sales"))
    assert {flag["key"] for flag in first.json()["flags"]} == {"unified-approvals", "plain", "switched-off"}
    (stream,) = first.json()["eventStreams"]
    assert stream["type"] == "sse"
    assert stream["endpoint"]["requestUri"].startswith("/ofrep/v1/sse?ticket=")
    etag = first.headers["etag"]
    again = ask(running, ALL, who("sales"), **{"if-none-match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert ask(running, ALL, who("support"), **{"if-none-match": etag}).status_code == 200
    running.publish(2)
    changed = ask(running, ALL, who("sales"), **{"if-none-match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Basic a2V5"}, 401),
        ({"authorization": f"Bearer {SERVER_KEY}"}, 200),
        ({"x-api-key": SERVER_KEY}, 200),
        ({"x-api-key": "key-of-sales"}, 200),
    ],
)
def test_only_a_known_key_may_ask(running: Running, headers: dict[str, str], status: int) -> None:
    answer = httpx.post(running.url + ONE, json={"context": who("sales")}, headers=headers)
    assert answer.status_code == status


def test_a_key_speaks_for_its_own_tenants_only(running: Running) -> None:
    assert ask(running, ONE, who("support"), key="key-of-sales").status_code == 403


def test_before_the_first_ruleset_the_edge_is_up_and_says_so(unpublished: Running) -> None:
    health = httpx.get(unpublished.url + "/healthz")
    assert (health.status_code, health.json()["ruleset_version"]) == (200, 0)
    answer = ask(unpublished, ONE, who("sales"))
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "FLAG_NOT_FOUND")
    refused = ask(unpublished, "/v1/events", b'{"events":[]}')
    assert refused.status_code == 503
    assert refused.headers["retry-after"]


def spoil(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "torn":
        path.write_bytes(content[:-40])
    elif how == "changed":
        path.write_bytes(content.replace(b'"on":true', b'"on":1234'))
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "renamed":
        path.rename(path.with_name("ruleset-9.json"))


@pytest.mark.parametrize("how", ["torn", "changed", "empty", "renamed"])
def test_a_broken_ruleset_leaves_the_last_good_one_serving(running: Running, how: str) -> None:
    spoil(publish(running.rulesets, 2), how)
    assert running.edge.reload() == 1
    assert ask(running, ONE, who("sales")).json()["value"] is True
    assert running.publish(3) == 3
    assert ask(running, ONE, who("sales")).json()["value"] is False


def test_the_edge_never_goes_back_to_an_older_ruleset(running: Running) -> None:
    running.publish(5)
    (running.rulesets / "ruleset-5.json").unlink()
    assert running.edge.reload() == 5


def test_what_is_not_here_is_said_plainly(running: Running) -> None:
    assert httpx.get(running.url + "/nowhere").status_code == 404
    wrong = httpx.get(running.url + "/v1/events")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert running.edge.owns({"method": "POST", "path": ONE, "query_string": b""})
    assert running.edge.owns({"method": "POST", "path": "/flags/", "query_string": b"v=2"})
    assert not running.edge.owns({"method": "POST", "path": "/flags/", "query_string": b""})  # the console's
    assert not running.edge.owns({"method": "GET", "path": "/", "query_string": b""})
