"""OFREP 0.3: real answers against its schema, selectors, ETags, and rules that ask for the time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import ofrep_schema
import pytest
from edge_client import SERVER_KEY
from edge_server import NOW, Running, flag_set, write
from edge_server import document as document_of

ALL = "/ofrep/v1/evaluate/flags"
WHO = {"targetingKey": "ann-lee", "tenant": "sales"}

EVERY_KIND: dict[str, Any] = {
    "boolean": {"state": "ENABLED", "variants": {"on": True}, "defaultVariant": "on"},
    "text": {"state": "ENABLED", "variants": {"a": "", "b": "x"}, "defaultVariant": "a"},
    "number": {"state": "ENABLED", "variants": {"a": 0, "b": 1.5}, "defaultVariant": "b"},
    "object": {"state": "ENABLED", "variants": {"a": {"x": [1, None]}}, "defaultVariant": "a"},
    "matched": {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "targeting": {"if": [{"==": [{"var": "tenant"}, "sales"]}, "on", "off"]},
        "metadata": {"owner": "ann-lee", "weight": 3, "beta": True},
    },
    "code-default": {"state": "ENABLED", "variants": {"on": True}, "defaultVariant": None},
    "switched-off": {"state": "DISABLED", "variants": {"on": True}, "defaultVariant": "on"},
    "broken": {
        "state": "ENABLED",
        "variants": {"on": True},
        "defaultVariant": "on",
        "targeting": {"no-such-operator": []},
    },
    "wrong-variant": {
        "state": "ENABLED",
        "variants": {"on": True},
        "defaultVariant": "on",
        "targeting": {"if": [True, "maybe"]},
    },
}


@pytest.fixture
def kinds(running: Running) -> Running:
    publish(running, 2, {"flags": EVERY_KIND})
    return running


def publish(running: Running, version: int, flags: dict[str, Any]) -> None:
    content = document_of(version)
    content["flag_sets"]["companyos"] = flag_set("companyos", version, flags)
    write(running.rulesets, content)
    assert running.edge.reload() == version


def ask(running: Running, path: str = "", context: Any = None, **headers: str) -> httpx.Response:
    sent = {"authorization": f"Bearer {SERVER_KEY}", **headers}
    return httpx.post(
        running.url + ALL + path, json={"context": WHO if context is None else context}, headers=sent
    )


@pytest.mark.parametrize("flag", [*EVERY_KIND, "nowhere", "a/b", "späť"])
def test_one_flag_answers_by_the_schema(kinds: Running, flag: str) -> None:
    answer = ask(kinds, "/" + flag)
    ofrep_schema.check(answer.json(), ofrep_schema.ONE[answer.status_code])
    assert answer.json()["key"] == flag
    wanted = {"broken": 400, "wrong-variant": 400}.get(flag, 200 if flag in EVERY_KIND else 404)
    assert answer.status_code == wanted


def test_all_flags_answer_by_the_schema_each_on_its_own(kinds: Running) -> None:
    answer = ask(kinds)
    ofrep_schema.check(answer.json(), ofrep_schema.ALL[200])
    flags = {flag["key"]: flag for flag in answer.json()["flags"]}
    assert set(flags) == set(EVERY_KIND)
    assert {key for key, flag in flags.items() if "errorCode" in flag} == {"broken", "wrong-variant"}
    assert {key for key, flag in flags.items() if "value" not in flag and "errorCode" not in flag} == {
        "code-default",
        "switched-off",
    }
    assert flags["text"]["value"] == ""
    assert flags["matched"]["metadata"]["weight"] == 3
    one = ask(kinds, "/matched").json()
    assert one == flags["matched"]
    assert answer.json()["eventStreams"][0]["inactivityDelaySec"] > 15  # the stream sends a ping every 15 s


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"{", "PARSE_ERROR"), (b"{}", "INVALID_CONTEXT"), (b'{"context":{}}', "TARGETING_KEY_MISSING")],
)
def test_a_wrong_question_is_answered_by_the_schema(running: Running, content: bytes, code: str) -> None:
    headers = {"x-api-key": SERVER_KEY}
    for path, schemas in [("", ofrep_schema.ALL), ("/plain", ofrep_schema.ONE)]:
        answer = httpx.post(running.url + ALL + path, content=content, headers=headers)
        assert (answer.status_code, answer.json()["errorCode"]) == (400, code)
        ofrep_schema.check(answer.json(), schemas[400])
        assert ("key" in answer.json()) == bool(path)


@pytest.mark.parametrize(
    ("path", "key", "context", "status"),
    [
        ("", "wrong", WHO, 401),
        ("/plain", "wrong", WHO, 401),
        ("", "key-of-sales", {"targetingKey": "x", "tenant": "support"}, 403),
        ("", SERVER_KEY, {"targetingKey": "x" * 70_000}, 413),
    ],
)
def test_other_refusals_are_the_general_error(
    running: Running, path: str, key: str, context: Any, status: int
) -> None:
    answer = httpx.post(running.url + ALL + path, json={"context": context}, headers={"x-api-key": key})
    assert answer.status_code == status
    ofrep_schema.check(answer.json(), None)
    assert "key" not in answer.json()


def test_something_broken_inside_is_a_500_with_words(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks() -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(running.clock, "now", breaks)
    answer = ask(running)
    assert answer.status_code == 500
    ofrep_schema.check(answer.json(), None)
    assert "planted" not in answer.text
    assert "planted" in caplog.text


def test_before_the_first_ruleset_all_flags_are_unavailable_for_now(unpublished: Running) -> None:
    answer = ask(unpublished)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    ofrep_schema.check(answer.json(), None)


@pytest.mark.parametrize(
    "how", [{"headers": {"flagd-selector": "flagSetId=other"}}, {"params": {"selector": "flagSetId=other"}}]
)
def test_a_selector_chooses_the_flag_set(running: Running, how: dict[str, Any]) -> None:
    how.setdefault("headers", {})["x-api-key"] = SERVER_KEY
    answer = httpx.post(running.url + ALL, json={"context": WHO}, **how)
    assert [flag["key"] for flag in answer.json()["flags"]] == ["colour"]
    assert answer.json()["metadata"]["flagSetId"] == "other"


def test_an_unknown_flag_set_is_no_empty_answer(running: Running) -> None:
    for selector in ("flagSetId=nowhere", "nowhere"):
        answers = [ask(running, path, **{"flagd-selector": selector}) for path in ("", "/plain")]
        assert [answer.status_code for answer in answers] == [400, 404]
        ofrep_schema.check(answers[0].json(), ofrep_schema.ALL[400])
        ofrep_schema.check(answers[1].json(), ofrep_schema.ONE[404])


@pytest.mark.parametrize("hashing", ["v2", "v3"])
def test_each_flag_set_hashes_as_its_metadata_says(running: Running, hashing: str) -> None:
    """Version 2 cannot hash a number, version 3 can: the same rule splits people in one and nobody in the other."""
    content = document_of(2)
    colour = content["flag_sets"]["other"]
    content["flag_sets"]["other"] = colour | {"metadata": colour["metadata"] | {"fractional": hashing}}
    write(running.rulesets, content)
    running.edge.reload()
    answers = [
        ask(running, "/colour", {"targetingKey": "x", "n": n}, **{"flagd-selector": "flagSetId=other"}).json()
        for n in range(24)
    ]
    reasons = {answer["reason"] for answer in answers}
    variants = {answer["variant"] for answer in answers}
    assert answers[0]["metadata"]["fractional"] == hashing
    assert (variants, reasons) == (
        ({"r", "g"}, {"TARGETING_MATCH"}) if hashing == "v3" else ({"r"}, {"DEFAULT"})
    )


def test_an_etag_covers_version_context_and_flag_set(running: Running) -> None:
    etag = ask(running).headers["etag"]
    assert ask(running, **{"if-none-match": f'"other", W/{etag}'}).status_code == 304
    assert ask(running, context={**WHO, "x": 1}, **{"if-none-match": etag}).status_code == 200
    other = ask(running, **{"if-none-match": etag, "flagd-selector": "flagSetId=other"})
    assert other.status_code == 200
    again = running.restarted()
    assert again.edge.reload() == 1
    assert ask(again, **{"if-none-match": etag}).status_code == 304


def test_304_is_answered_without_evaluating(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    etag = ask(running).headers["etag"]
    monkeypatch.setattr("companyos.surfaces.edge.ofrep._Bulk.content", None)
    assert ask(running, **{"if-none-match": etag}).status_code == 304


def test_a_rule_that_asks_for_the_time_is_not_hidden_by_its_etag(running: Running) -> None:
    opens = int((NOW + timedelta(hours=1)).timestamp())
    rule = {"if": [{">=": [{"var": "$flagd.timestamp"}, opens]}, "on", "off"]}
    flag = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "targeting": rule,
    }
    publish(running, 2, {"flags": {"later": flag}})
    first = ask(running)
    assert first.json()["flags"][0]["value"] is False
    etag = first.headers["etag"]
    assert ask(running, **{"if-none-match": etag}).status_code == 304
    running.clock.set(NOW + timedelta(hours=2))
    changed = ask(running, **{"if-none-match": etag})
    assert (changed.status_code, changed.json()["flags"][0]["value"]) == (200, True)


def test_the_stream_says_by_the_schema_that_something_changed(running: Running) -> None:
    url = running.url + "/ofrep/v1/sse"
    with httpx.stream("GET", url, headers={"x-api-key": SERVER_KEY}, timeout=20) as response:
        lines = response.iter_lines()
        told = [line for line in (next(lines) for _ in range(4)) if line]
        running.publish(2)
        told += [line for line in (next(lines) for _ in range(4)) if line]
    fields = [line.partition(": ") for line in told]
    assert [value for name, _, value in fields if name == "id"] == ["1", "2"]
    assert {value for name, _, value in fields if name == "event"} == {"message"}
    for data in (json.loads(value) for name, _, value in fields if name == "data"):
        ofrep_schema.check(data, ofrep_schema.MESSAGE)
        assert data["lastModified"] == int(NOW.timestamp())
        refetched = httpx.post(
            running.url + ALL,
            params={"flagConfigEtag": data["etag"], "flagConfigLastModified": data["lastModified"]},
            json={"context": WHO},
            headers={"x-api-key": SERVER_KEY},
        )
        assert refetched.json()["metadata"]["version"] >= data["version"]
