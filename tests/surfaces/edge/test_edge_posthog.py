"""PostHog's /flags/?v=2: with PostHog's own Python client, and every wrapping its clients use."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from edge_client import SERVER_KEY
from edge_server import Running, flag_set, write
from edge_server import document as document_of
from posthog import Posthog

ENABLED = {"state": "ENABLED"}
ON_IN_SALES = {"if": [{"==": [{"var": "tenant"}, "sales"]}, "on", "off"]}
TWO = ENABLED | {"variants": {"on": True, "off": False}, "defaultVariant": "off"}
FLAGS: dict[str, Any] = {
    "new-approvals": TWO | {"targeting": ON_IN_SALES},
    "colour": ENABLED | {"variants": {"r": "red", "g": "green"}, "defaultVariant": "g"},
    "limits": ENABLED | {"variants": {"wide": {"rows": 50}}, "defaultVariant": "wide"},
    "switched-off": TWO | {"state": "DISABLED"},
    "code-default": ENABLED | {"variants": {"on": True}},
    "broken": TWO | {"targeting": {"nonsense": []}},
}
ANN = {"distinct_id": "ann-lee", "person_properties": {"tenant": "sales"}}


@pytest.fixture
def flagged(running: Running) -> Running:
    content = document_of(2)
    content["flag_sets"]["companyos"] = flag_set("companyos", 2, {"flags": FLAGS})
    write(running.rulesets, content)
    assert running.edge.reload() == 2
    return running


@pytest.fixture
def client(flagged: Running) -> Iterator[Posthog]:
    found = Posthog(SERVER_KEY, host=flagged.url, send=False, feature_flags_request_timeout_seconds=20)
    yield found
    found.shutdown()


def test_posthogs_own_client_evaluates_remotely(client: Posthog) -> None:
    sales = {"tenant": "sales"}
    ann = client.evaluate_flags("ann-lee", person_properties=sales)
    assert ann.is_enabled("new-approvals") is True
    assert ann.get_flag("colour") == "green"
    assert ann.get_flag_payload("limits") == {"rows": 50}
    assert not ann.is_enabled("switched-off")
    assert set(ann.keys) == {"new-approvals", "colour", "limits"}
    assert client.evaluate_flags("ann-lee", groups=sales).is_enabled("new-approvals") is True
    support = client.evaluate_flags("ann-lee", person_properties={"tenant": "support"})
    assert support.is_enabled("new-approvals") is False


def ask(running: Running, content: bytes | dict[str, Any], **options: Any) -> httpx.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return httpx.post(running.url + options.pop("path", "/flags/?v=2"), content=body, **options)


def test_the_answer_has_the_version_2_shape(flagged: Running) -> None:
    answer = ask(flagged, {"api_key": SERVER_KEY, **ANN}).json()
    assert set(answer) >= {"flags", "errorsWhileComputingFlags", "requestId"}
    assert answer["errorsWhileComputingFlags"] is True
    assert set(answer["flags"]) == {
        "new-approvals",
        "colour",
        "limits",
        "broken",
    }  # the others are the code's own
    flag = answer["flags"]["new-approvals"]
    assert (flag["key"], flag["enabled"], flag["variant"]) == ("new-approvals", True, None)
    assert flag["reason"]["code"] == "condition_match"
    assert flag["metadata"]["version"] == 2
    assert isinstance(flag["metadata"]["id"], int)
    assert answer["flags"]["colour"]["variant"] == "green"
    assert json.loads(answer["flags"]["limits"]["metadata"]["payload"]) == {"rows": 50}
    assert (answer["flags"]["broken"]["failed"], answer["flags"]["broken"]["enabled"]) == (True, False)
    some = ask(flagged, {"token": SERVER_KEY, **ANN, "flag_keys_to_evaluate": ["colour"]}).json()
    assert set(some["flags"]) == {"colour"}
    assert some["errorsWhileComputingFlags"] is False


PLAIN = json.dumps({"token": SERVER_KEY, **ANN}).encode()
PACKED = base64.b64encode(PLAIN)


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        b"  " + PLAIN,
        gzip.compress(PLAIN, mtime=0),
        PACKED,
        base64.b64encode(gzip.compress(PLAIN, mtime=0)),
        b"data=" + quote(PACKED).encode(),
    ],
    ids=["plain", "spaced", "gzip", "base64", "base64 of gzip", "form"],
)
@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", "what/ever", ""]
)
def test_every_wrapping_is_read_under_every_content_type(flagged: Running, body: bytes, kind: str) -> None:
    answer = ask(flagged, body, headers={"content-type": kind})
    assert answer.json()["flags"]["new-approvals"]["enabled"] is True


REFUSED: dict[str, tuple[Any, str, int]] = {
    "no key": ({**ANN}, "/flags/?v=2", 401),
    "wrong key": ({"api_key": "wrong", **ANN}, "/flags/?v=2", 401),
    "nobody": ({"api_key": SERVER_KEY}, "/flags/?v=2", 400),
    "version 1": ({"api_key": SERVER_KEY, **ANN}, "/flags/?v=1", 400),
    "empty": (b"", "/flags/?v=2", 400),
    "half": (b"{", "/flags/?v=2", 400),
    "no gzip": (b"\x1f\x8bnot gzip", "/flags/?v=2", 400),
    "half a gzip": (gzip.compress(PLAIN, mtime=0)[:-8], "/flags/?v=2", 400),
    "no base64": (b"!!!", "/flags/?v=2", 400),
    "a gzip bomb": (gzip.compress(b" " * 30_000_000, mtime=0), "/flags/?v=2", 413),
    "too much": (b" " * 300_000, "/flags/?v=2", 413),
    "group of another tenant": (
        {"api_key": "key-of-sales", "distinct_id": "x", "groups": {"tenant": "support"}},
        "/flags/?v=2",
        403,
    ),
    "person of another tenant": (
        {"api_key": "key-of-sales", "distinct_id": "x", "person_properties": {"tenant": "support"}},
        "/flags?v=2",
        403,
    ),
    "own tenant": ({"api_key": "key-of-sales", **ANN}, "/flags?v=2", 200),
}


@pytest.mark.parametrize("which", REFUSED)
def test_what_cannot_be_answered_is_told_why(flagged: Running, which: str) -> None:
    content, path, status = REFUSED[which]
    answer = ask(flagged, content, path=path)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert status == 200 or told.get("detail") or told.get("error")
