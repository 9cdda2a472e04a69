"""Whatever a body holds, a reader answers with events and refusals, or says why it cannot; and never anything else."""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.intake.corpus import BODIES, GOOD, grafted, mutated
from companyos.analytics.events import Event, NotStorable, Refusal, stored_body, stored_events, stored_line
from companyos.analytics.intake import cloudevents, otlp, posthog, segment
from companyos.analytics.intake.bodies import BodyRefused
from companyos.analytics.intake.drafts import Read, Sender
from companyos.analytics.intake.exposures import Exposures
from companyos.analytics.loose import Unreadable

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENDERS = [Sender(frozenset({"sales"})), Sender(frozenset({"*"})), Sender(frozenset())]
JSON, PROTOBUF = {b"content-type": b"application/json"}, {b"content-type": b"application/x-protobuf"}
Reader = Callable[[bytes, Sender], Read]


def _posthog(body: bytes, sender: Sender) -> Read:
    query = body[:300] if body[:1] not in b"{[" else b"sent_at=1772442000000"
    return posthog.read(posthog.opened(body, {}, query), sender, now=NOW)


def _segment(call: str) -> Reader:
    return lambda body, sender: segment.read(segment.opened(body, {}, call=call), sender, now=NOW)


def _cloudevents(headers: dict[bytes, bytes]) -> Reader:
    return lambda body, sender: cloudevents.read(cloudevents.opened(body, headers), sender, now=NOW)


def _otlp(signal: str, headers: dict[bytes, bytes]) -> Reader:
    return lambda body, sender: otlp.read(otlp.opened(signal, body, headers), sender, Exposures(), now=NOW)


BINARY = {
    b"ce-specversion": b"1.0",
    b"ce-id": b"1",
    b"ce-source": b"%ff",
    b"ce-type": b"a",
    b"content-type": b"application/json",
}
READERS: dict[str, Reader] = {
    "posthog": _posthog,
    "segment": _segment("batch"),
    "segment call": _segment("track"),
    "cloudevents batch": _cloudevents({b"content-type": cloudevents.BATCH.encode()}),
    "cloudevents structured": _cloudevents({b"content-type": cloudevents.STRUCTURED.encode()}),
    "cloudevents binary": _cloudevents(BINARY),
    **{f"otlp {signal} json": _otlp(signal, JSON) for signal in ("logs", "traces", "metrics")},
    **{f"otlp {signal} protobuf": _otlp(signal, PROTOBUF) for signal in ("logs", "traces", "metrics")},
}
NAMES = """batch event distinct_id properties timestamp uuid sent_at api_key offset $groups tenant $feature_flag
$feature_flag_called $feature_flag_response $survey_response options disable_skew_correction type track group
userId anonymousId messageId traits context sentAt specversion 1.0 id source data data_base64 time subject value
path kind resourceLogs scopeLogs logRecords resourceSpans scopeSpans spans resourceMetrics scopeMetrics metrics
gauge sum histogram dataPoints attributes key stringValue intValue arrayValue kvlistValue values resource scope name
traceId spanId parentSpanId startTimeUnixNano endTimeUnixNano timeUnixNano events status code body eventName
feature_flag.key feature_flag feature_flag.evaluation asDouble asInt count bucketCounts latency_ms by"""
WORD = st.sampled_from(re.findall(r"\S+", NAMES)) | st.text(max_size=8)
ODD = [
    "2026-03-02T09:00:00Z",
    "1772442000000000000",
    "\ud800",
    "x" * 70_000,
    10**400,
    -1,
    "\x00",
    "sales",
    "survey sent",
]
LEAF = WORD | st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(ODD)
TREE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORD, inner, max_size=6), max_leaves=30
)


def check(name: str, body: bytes, sender: Sender) -> int:
    """Read a body; everything that comes out can be stored or is refused with a reason. Returns how many items."""
    try:
        found = READERS[name](body, sender)
    except Unreadable as problem:
        assert str(problem)
        return 0
    except BodyRefused as refused:
        assert refused.status in (413, 415)
        return 0
    assert len(found.items) == len(found.records)
    for item in found.items:
        if isinstance(item, Refusal):
            assert item.reason
        else:
            storable(item)
    return len(found.items)


def storable(event: Event) -> None:
    try:
        body = stored_body(event, now=NOW)
    except NotStorable as problem:
        assert str(problem)
    else:
        assert [e.id for e in stored_events(stored_line(body, received=NOW))] == [event.id]


@pytest.mark.parametrize("name", READERS)
def test_a_good_body_is_read(name: str) -> None:
    """Otherwise the tests below would not get far into the readers."""
    assert check(name, BODIES[name], SENDERS[0]) > 0
    assert not any(isinstance(item, Refusal) for item in READERS[name](BODIES[name], SENDERS[0]).items)


@settings(max_examples=60, deadline=None, print_blob=True)
@given(data=st.data())
@pytest.mark.parametrize("name", READERS)
def test_random_bytes_and_trees(name: str, data: st.DataObject) -> None:
    sender = data.draw(st.sampled_from(SENDERS))
    if data.draw(st.booleans()):
        check(name, data.draw(st.binary(max_size=200)), sender)
        return
    body = json.dumps(data.draw(TREE)).encode()
    check(
        name,
        data.draw(
            st.sampled_from(
                [body, gzip.compress(body), base64.b64encode(body), b"data=" + quote(body).encode()]
            )
        ),
        sender,
    )


@settings(max_examples=60, deadline=None, print_blob=True)
@given(data=st.data())
@pytest.mark.parametrize("name", GOOD)
def test_good_bodies_with_something_else_in_them(name: str, data: st.DataObject) -> None:
    dice = data.draw(st.randoms(use_true_random=False))
    whole = GOOD[name]
    for _ in range(data.draw(st.integers(1, 3))):
        whole = grafted(whole, dice, data.draw(TREE))
    check(name, json.dumps(whole).encode(), data.draw(st.sampled_from(SENDERS)))


@pytest.mark.parametrize("name", READERS)
def test_mutated_bodies(name: str) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    for _ in range(400):
        body = mutated(BODIES[name], dice)
        check(name, gzip.compress(body, 1) if dice.random() < 0.2 else body, dice.choice(SENDERS))


@pytest.mark.parametrize("name", READERS)
def test_brackets_without_end(name: str) -> None:
    for body in (b"[" * 200_000, b'{"a":' * 100_000, b'{"batch":' + b"[" * 100_000 + b"]" * 100_000 + b"}"):
        check(name, body, SENDERS[0])


def test_protobuf_nested_without_end() -> None:
    body = b""
    for _ in range(5000):
        body = (
            b"\x2a" + _varint(len(body) + 1 + len(_varint(len(body)))) + b"\x0a" + _varint(len(body)) + body
        )
    for name in ("otlp logs protobuf", "otlp traces protobuf", "otlp metrics protobuf"):
        check(name, body, SENDERS[0])


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])
