"""Keys at the edge: two kinds, scopes, tenants, origins; and a revoked one that nothing brings back."""

from __future__ import annotations

import json
import threading
from time import monotonic
from typing import Any

import httpx
import pytest
from edge_client import SERVER_KEY, event
from edge_server import KEYS, PAGE, Running, publish, revoke, write
from edge_server import document as document_of

ALL = "/ofrep/v1/evaluate/flags"
GONE = "key-to-evaluate"


def ask(running: Running, key: str, context: Any = None, **headers: str) -> httpx.Response:
    content = {"context": {"targetingKey": "ann-lee", **(context or {})}}
    return httpx.post(running.url + ALL, json=content, headers={"x-api-key": key, **headers})


@pytest.mark.parametrize(
    ("tenant", "status"),
    [
        ({}, 200),
        ({"tenant": None}, 200),
        ({"tenant": "sales"}, 200),
        ({"tenant": "support"}, 403),
        ({"tenant": ["support"]}, 403),  # JsonLogic would compare a list of one as the text in it
        ({"tenant": {"a": 1}}, 403),
        ({"tenant": 1}, 403),
    ],
)
def test_a_key_of_one_tenant_cannot_name_another(running: Running, tenant: Any, status: int) -> None:
    answer = ask(running, "key-of-sales", tenant)
    assert answer.status_code == status
    assert "support" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/flagd/v1/sync", None),
        ("POST", "/v1/serving", {"provider": "x", "version": 1}),
    ],
)
def test_a_browser_key_evaluates_and_ingests_and_no_more_whatever_its_file_says(
    running: Running, method: str, path: str, content: Any
) -> None:
    assert set(KEYS["key-of-a-page"]["scopes"]) > {"evaluate"}
    answer = httpx.request(method, running.url + path, json=content, headers={"x-api-key": "key-of-a-page"})
    assert answer.status_code == 403
    assert ask(running, "key-of-a-page").status_code == 200
    told = {"events": [event("event-0001") | {"tenant": "sales"}]}
    kept = httpx.post(running.url + "/v1/events", json=told, headers={"x-api-key": "key-of-a-page"})
    assert kept.status_code == 202


def test_a_page_of_the_keys_origin_may_read_every_answer(running: Running) -> None:
    for key, status in [("key-of-a-page", 200), ("wrong", 401)]:
        answer = ask(running, key, origin=PAGE)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert "etag" in answer.headers["access-control-expose-headers"]
        assert answer.headers["vary"] == "origin"


def test_a_page_of_another_origin_is_refused(running: Running) -> None:
    answer = ask(running, "key-of-a-page", origin="https://evil.example")
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    leaked = ask(
        running, SERVER_KEY, origin="https://evil.example"
    )  # a server key in a page: no page may read it
    assert "access-control-allow-origin" not in leaked.headers


@pytest.mark.parametrize(("origin", "allowed"), [(PAGE, True), ("https://evil.example", False)])
def test_a_browser_asks_before_it_asks(running: Running, origin: str, allowed: bool) -> None:
    headers = {"origin": origin, "access-control-request-method": "POST"}
    for path in (ALL, "/flags/?v=2", "/ofrep/v1/sse"):
        answer = httpx.options(running.url + path, headers=headers)
        assert answer.status_code == 204
        assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert ("authorization" in answer.headers.get("access-control-allow-headers", "")) == allowed


def test_unknown_and_revoked_keys_are_told_the_same(running: Running) -> None:
    unknown = ask(running, "never-issued")
    revoke(running.rulesets, GONE)
    running.edge.reload()
    revoked = ask(running, GONE)
    assert (unknown.status_code, unknown.content) == (revoked.status_code, revoked.content)
    assert unknown.status_code == 401


def damage(path: Any) -> None:
    path.write_bytes(path.read_bytes()[:-50])


@pytest.mark.parametrize("newest", ["whole", "torn"])
def test_a_revoked_key_stays_dead_over_a_restart_and_a_damaged_ruleset(running: Running, newest: str) -> None:
    revoke(running.rulesets, GONE)
    path = publish(running.rulesets, 2, keys=[key for key in KEYS if key != GONE])
    if newest == "torn":
        damage(path)  # what is served now still lists the key
    version = running.edge.reload()
    assert version == (1 if newest == "torn" else 2)
    assert ask(running, GONE).status_code == 401
    assert ask(running, SERVER_KEY).status_code == 200
    again = running.restarted()
    assert again.edge.reload() == version
    assert ask(again, GONE).status_code == 401
    assert ask(again, SERVER_KEY).status_code == 200


def test_without_the_list_of_revoked_keys_only_the_newest_ruleset_is_trusted(running: Running) -> None:
    path = publish(running.rulesets, 2, keys=[key for key in KEYS if key != GONE])
    damage(revoke(running.rulesets, GONE))
    assert running.restarted().edge.reload() == 2
    damage(path)
    again = running.restarted()
    assert again.edge.reload() == 0  # version 1 lists the key, and nobody can say that it is not dead
    assert ask(again, SERVER_KEY).status_code in {401, 503}


def test_a_list_that_goes_bad_while_running_forgets_nothing(running: Running) -> None:
    path = revoke(running.rulesets, GONE)
    running.edge.reload()
    damage(path)
    publish(running.rulesets, 2)  # lists the key
    assert running.edge.reload() == 2
    assert ask(running, GONE).status_code == 401


def test_an_open_stream_ends_with_its_key(running: Running) -> None:
    with httpx.stream(
        "GET", running.url + "/ofrep/v1/sse", headers={"x-api-key": GONE}, timeout=20
    ) as response:
        lines = response.iter_lines()
        assert next(lines).startswith("retry:")
        began = monotonic()
        revoke(running.rulesets, GONE)
        running.edge.reload()
        list(lines)
    assert monotonic() - began < 1


def test_a_browser_opens_its_stream_by_the_ticket_of_its_answer(running: Running) -> None:
    (stream,) = ask(running, "key-of-a-page", origin=PAGE).json()["eventStreams"]
    uri = running.url + stream["endpoint"]["requestUri"]
    with httpx.stream("GET", uri, headers={"origin": PAGE}, timeout=20) as response:
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == PAGE
    assert httpx.get(uri[:-1] + "x").status_code == 401
    assert (
        httpx.post(running.url + ALL, headers={"x-api-key": uri[-32:]}).status_code == 401
    )  # opens nothing else


def test_the_folder_is_watched(running: Running) -> None:
    """A new ruleset is served within a tenth of a second, without anybody telling."""
    stop, served = threading.Event(), threading.Event()
    running.edge.on_change(served.set)
    watch = threading.Thread(target=running.edge.follow, args=(stop,))
    watch.start()
    seconds = []
    try:
        for version in range(2, 12):
            served.clear()
            began = monotonic()
            publish(running.rulesets, version)
            assert served.wait(5)
            seconds.append(monotonic() - began)
            assert running.edge.ruleset.version == version
    finally:
        stop.set()
        watch.join()
    assert sorted(seconds)[5] < 0.15


@pytest.mark.parametrize(
    "change",
    [
        {"version": "2"},
        {"version": 0},
        {"published_at": "yesterday"},
        {"published_at": "2026-03-02T09:00:00"},
        {"flag_sets": []},
        {"flag_sets": {"companyos": {"flags": {"a": {"state": "MAYBE", "variants": {}}}}}},
        {"flag_sets": {"companyos": {"flags": {}, "metadata": {"fractional": "v9"}}}},
        {"keys": [{"id": "a", "sha256": "short", "kind": "server", "scopes": [], "tenants": []}]},
        {"keys": [{"id": "a", "sha256": "0" * 64, "kind": "root", "scopes": [], "tenants": []}]},
        {"keys": [{"id": "a", "sha256": "0" * 64, "kind": "server", "scopes": ["all"], "tenants": []}]},
        {"keys": [{"id": "a", "sha256": "0" * 64, "kind": "server", "scopes": [], "tenants": ["*"], "x": 1}]},
        {"surprise": 1},
    ],
    ids=json.dumps,
)
def test_a_ruleset_is_read_strictly(running: Running, change: dict[str, Any]) -> None:
    content = document_of(2) | change
    path = write(running.rulesets, content | {"version": 2})
    if "version" in change:
        write(running.rulesets, content).rename(path)
    assert running.edge.reload() == 1
    assert ask(running, SERVER_KEY).status_code == 200
