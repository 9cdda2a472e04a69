"""What other people's events become: tables, one protocol at a time (R95, R96)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)

from companyos.analytics.events import Event, Refusal, stored_body
from companyos.analytics.inbox import DuplicateWindow, Sight
from companyos.analytics.intake import cloudevents, otlp, posthog, segment
from companyos.analytics.intake.drafts import Sender
from companyos.analytics.intake.exposures import Exposures
from companyos.kernel.clock import VirtualClock

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NS = int(NOW.timestamp()) * 10**9
SALES, ANY = Sender(frozenset({"sales"})), Sender(frozenset({"*"}))
UUID = "0190aaaa-0000-7000-8000-000000000001"
JSON = {b"content-type": b"application/json"}


def from_posthog(record: Any, sender: Sender = SALES, **around: Any) -> Event | Refusal:
    body = json.dumps({"api_key": "k", "batch": [record], **around}).encode()
    (item,) = posthog.read(posthog.opened(body, {}, b""), sender, now=NOW).items
    return item


def from_segment(record: Any, sender: Sender = SALES, **around: Any) -> Event | Refusal:
    body = json.dumps({"batch": [record], **around}).encode()
    (item,) = segment.read(segment.opened(body, {}, call="batch"), sender, now=NOW).items
    return item


def attributes(**told: Any) -> list[dict[str, Any]]:
    def value(each: Any) -> dict[str, Any]:
        return {"boolValue": each} if isinstance(each, bool) else {"stringValue": each}

    return [{"key": name.replace("__", "."), "value": value(each)} for name, each in told.items()]


def from_otlp(
    signal: str, *records: Any, sender: Sender = SALES, known: Exposures | None = None, **resource: Any
) -> list[Event | Refusal]:
    names = {
        "logs": ("resourceLogs", "scopeLogs", "logRecords"),
        "traces": ("resourceSpans", "scopeSpans", "spans"),
    }
    top, scopes, leaf = names[signal]
    group = {"resource": {"attributes": attributes(**resource)}, scopes: [{leaf: list(records)}]}
    envelope = otlp.opened(signal, json.dumps({top: [group]}).encode(), JSON)
    return otlp.read(envelope, sender, known or Exposures(), now=NOW).items


def span(
    name: str = "approve", *, kind: int = 2, failed: bool = False, number: int = 1, **more: Any
) -> dict[str, Any]:
    return {
        "traceId": "ab" * 16, "spanId": f"{number:016x}", "name": name, "kind": kind,
        "startTimeUnixNano": str(NS), "endTimeUnixNano": str(NS + 250_000_000),
        "status": {"code": 2} if failed else {}, **more,
    }  # fmt: skip


def event(item: Event | Refusal) -> Event:
    assert isinstance(item, Event), item
    return item


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        ({"event": "Order Completed"}, {"event": "order_completed"}),
        ({"event": "$pageview"}, {"event": "$pageview"}),
        ({"event": "x" * 80}, {"event": "x" * 50 + "_01adf0f9"}),
        ({"event": "$feature_flag_called", "properties": {"$feature_flag": "a.b", "$feature_flag_response": True}},
         {"event": "feature_flag.evaluation", "path": "on", "kind": "a.b", "feature": "a-b"}),
        ({"event": "$feature_flag_called", "properties": {"$feature_flag": "a.b", "$feature_flag_response": False}},
         {"path": "off"}),
        ({"event": "$feature_flag_called", "properties": {"$feature_flag": "a.b", "$feature_flag_response": "Blue"}},
         {"path": "blue"}),
        ({"event": "$feature_flag_called", "properties": {"$feature_flag": "a.b"}}, {"path": "none"}),
        ({"event": "survey sent", "properties": {"$survey_id": "s1", "$survey_response": "4"}},
         {"event": "survey.answered", "kind": "s1", "value": 4.0}),
        ({"event": "survey sent", "properties": {"$survey_response_q1": "fine", "$survey_response_q2": 9}},
         {"event": "survey.answered", "value": 9.0}),
        ({"event": "survey sent", "properties": {"$survey_response": "nan"}}, {"value": None}),
        ({"event": "survey dismissed", "properties": {"$survey_id": "s1"}}, {"event": "survey.dismissed"}),
        ({"event": "task_completed", "properties": {"feature": "a", "path": "unified", "task": "t1", "value": 3}},
         {"feature": "a", "path": "unified", "task": "t1", "value": 3.0}),
        ({"event": "a", "properties": {"feature": "Not A Slug", "value": "3"}}, {"feature": "", "value": None}),
        ({"event": "a", "properties": {"$session_id": "s-1"}}, {"case": "s-1"}),
        ({"event": "a", "timestamp": "2026-03-02T08:00:00+00:00"}, {"time": NOW - timedelta(hours=1)}),
        ({"event": "a", "timestamp": "2026-03-02T10:00:00+02:00"}, {"time": NOW - timedelta(hours=1)}),
        ({"event": "a", "timestamp": "2026-03-02T08:00:00"}, {"time": NOW - timedelta(hours=1)}),
        ({"event": "a", "offset": 60_000}, {"time": NOW - timedelta(minutes=1)}),
        ({"event": "a"}, {"time": NOW}),
        ({"event": "a", "uuid": UUID}, {"id": UUID}),
        ({"event": "a", "distinct_id": 7}, {"actor": "7"}),
    ],
)  # fmt: skip
def test_posthog(record: dict[str, Any], wanted: dict[str, Any]) -> None:
    found = event(from_posthog({"distinct_id": "bob", **record}))
    assert {name: getattr(found, name) for name in wanted} == wanted
    stored_body(found, now=NOW)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("text", "an event is an object"),
        ({"distinct_id": "bob"}, "no `event`"),
        ({"event": "a"}, "no `distinct_id`"),
        ({"event": "a", "distinct_id": ""}, "no `distinct_id`"),
        ({"event": "a", "distinct_id": "x" * 201}, "actor"),
        (
            {"event": "a", "distinct_id": "x", "properties": {"$groups": {"tenant": "support"}}},
            "does not speak for",
        ),
    ],
)
def test_posthog_refuses(record: Any, reason: str) -> None:
    item = from_posthog(record)
    assert isinstance(item, Refusal)
    assert reason in item.reason
    assert item.tenant == "sales"


@pytest.mark.parametrize(
    ("sender", "properties", "tenant"),
    [
        (SALES, {}, "sales"),
        (SALES, {"$groups": {"tenant": "sales"}}, "sales"),
        (SALES, {"$groups": {"company": "acme"}}, "sales"),
        (ANY, {"$groups": {"company": "acme"}}, "acme"),
        (ANY, {"$groups": {"tenant": "support", "company": "acme"}}, "support"),
        (ANY, {"tenant": "support"}, "support"),
        (ANY, {"companyos.tenant": "support"}, "support"),
        (ANY, {}, None),
        (ANY, {"$groups": {"tenant": "Not A Slug"}}, None),
        (Sender(frozenset({"sales", "support"})), {"tenant": "support"}, "support"),
        (Sender(frozenset({"sales", "support"})), {"tenant": "hr"}, None),
    ],
)
def test_groups_are_tenants(sender: Sender, properties: dict[str, Any], tenant: str | None) -> None:
    item = from_posthog({"event": "a", "distinct_id": "bob", "properties": properties}, sender)
    assert (item.tenant if isinstance(item, Event) else None) == tenant


def test_a_wrong_clock_is_corrected_by_when_it_says_it_sent() -> None:
    """Sent an hour behind: so was everything it says. A few seconds are the journey, not the clock."""
    sent_at, time = "2026-03-02T08:00:00Z", "2026-03-02T07:58:00Z"
    found = event(from_posthog({"event": "a", "distinct_id": "bob", "timestamp": time}, sent_at=sent_at))
    assert found.time == NOW - timedelta(minutes=2)
    assert found.props["$as_sent"] == time
    near = (NOW - timedelta(seconds=4)).isoformat()
    found = event(from_posthog({"event": "a", "distinct_id": "bob", "timestamp": near}, sent_at=near))
    assert (found.time, found.props) == (NOW - timedelta(seconds=4), {})
    call = {"type": "track", "event": "a", "userId": "u", "timestamp": time}
    assert event(from_segment(call, sentAt=sent_at)).time == NOW - timedelta(minutes=2)


@pytest.mark.parametrize("seconds", [3600.0, 3600.7, 3599.0, 0.0])
def test_an_event_sent_again_is_the_same_however_its_clock_is_corrected(seconds: float) -> None:
    """The correction differs by the journey of each try, or falls away; what the sender told does not."""
    window = DuplicateWindow(VirtualClock(NOW))
    record = {
        "event": "Order Done",
        "distinct_id": "bob",
        "uuid": UUID,
        "timestamp": "2026-03-02T07:58:00.123456Z",
    }

    def sight(behind: float, **more: Any) -> Sight:
        found = event(from_posthog(record | more, sent_at=(NOW - timedelta(seconds=behind)).isoformat()))
        return window.sees(found.tenant, found.id, stored_body(found, now=NOW))

    assert sight(3600.2) is Sight.NEW
    assert sight(seconds) is Sight.DUPLICATE
    assert sight(3600.2, event="Order Lost") is Sight.CONFLICT
    assert sight(3600.2, timestamp="2026-03-02T07:58:01.123456Z") is Sight.CONFLICT


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        ({"type": "track", "event": "A B", "userId": "u"}, {"event": "a_b", "actor": "u", "tenant": "sales"}),
        ({"type": "track", "event": "a", "anonymousId": "n"}, {"actor": "n"}),
        ({"type": "identify", "userId": "u", "traits": {"plan": "x"}}, {"event": "$identify"}),
        ({"type": "page", "userId": "u"}, {"event": "$pageview"}),
        ({"type": "screen", "userId": "u"}, {"event": "$screen"}),
        ({"type": "group", "userId": "u", "groupId": "acme"}, {"event": "$group", "tenant": "sales"}),
        ({"type": "alias", "userId": "u", "previousId": "n"}, {"event": "$alias"}),
        ({"type": "track", "event": "a", "userId": "u", "messageId": "m-1234567"}, {"id": "m-1234567"}),
    ],
)
def test_segment(record: dict[str, Any], wanted: dict[str, Any]) -> None:
    found = event(from_segment(record))
    assert {name: getattr(found, name) for name in wanted} == wanted


def test_a_segment_group_is_the_tenant_where_the_key_has_none() -> None:
    call = {"type": "group", "userId": "u", "groupId": "acme"}
    assert event(from_segment(call, ANY)).tenant == "acme"
    assert isinstance(from_segment({"type": "track", "event": "a", "userId": "u"}, ANY), Refusal)
    assert isinstance(from_segment({"type": "track", "userId": "u"}), Refusal)
    assert isinstance(from_segment({"type": "track", "event": "a"}), Refusal)
    assert isinstance(from_segment({"type": "unheard of", "userId": "u"}), Refusal)


@pytest.mark.parametrize(
    ("name", "told", "path"),
    [
        ("feature_flag.evaluation", {"feature_flag__result__variant": "on"}, "on"),
        ("feature_flag.evaluation", {"feature_flag__variant": "off"}, "off"),
        ("feature_flag", {"feature_flag__variant": "on"}, "on"),
        ("feature_flag.evaluation", {"feature_flag__result__value": True}, "on"),
        ("feature_flag.evaluation", {"feature_flag__evaluation__value": False}, "off"),
        ("feature_flag.evaluation", {"error__type": "flag_not_found"}, "none"),
    ],
)
def test_flag_evaluations_are_exposures_under_old_and_new_names(
    name: str, told: dict[str, Any], path: str
) -> None:
    """R95: as a log record with an event name, as one with the older attribute, and as a span's event."""
    pairs = attributes(feature_flag__key="approvals.unified", feature_flag__context__id="bob", **told)
    wanted = ("feature_flag.evaluation", "bob", path, "approvals.unified", "unified-approvals", "sales")
    sender = Sender(frozenset({"sales"}), features={"approvals.unified": "unified-approvals"})
    logs = [
        {"timeUnixNano": str(NS), "eventName": name, "attributes": pairs},
        {"timeUnixNano": str(NS), "attributes": [*pairs, *attributes(event__name=name)]},
    ]
    met = span(
        kind=1, parentSpanId="1" * 16, events=[{"name": name, "timeUnixNano": str(NS), "attributes": pairs}]
    )
    for signal, record in [("logs", logs[0]), ("logs", logs[1]), ("traces", met)]:
        e = event(from_otlp(signal, record, sender=sender)[0])
        assert (e.event, e.actor, e.path, e.kind, e.feature, e.tenant) == wanted


@pytest.mark.parametrize(
    ("links", "path"),
    [
        ({"feature_flag__key": "f", "feature_flag__result__variant": "on"}, "unified"),
        ({"feature_flag__key": "f", "feature_flag__result__variant": "off"}, "existing"),
        ({"feature_flag__key": "f", "feature_flag__variant": "blue"}, "blue"),
        ({"enduser__id": "bob"}, "unified"),
        ({"session__id": "s-1"}, "unified"),
        ({"user__id": "nobody"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("failed", [False, True])
def test_spans_with_a_flag_or_linked_to_one_are_tasks(
    links: dict[str, Any], path: str | None, failed: bool
) -> None:
    known = Exposures()
    exposed = attributes(
        feature_flag__key="f",
        feature_flag__result__variant="on",
        feature_flag__context__id="bob",
        session__id="s-1",
    )
    (exposure,) = from_otlp(
        "logs", {"eventName": "feature_flag.evaluation", "timeUnixNano": str(NS), "attributes": exposed}
    )
    known.learn(event(exposure))
    items = from_otlp("traces", span(failed=failed, attributes=attributes(**links)), known=known)
    tasks = [e for e in map(event, items) if e.event.startswith("task_")]
    if path is None:
        assert [event(item).event for item in items] == ["otel.span"]
        return
    begun, ended = tasks
    assert (begun.event, ended.event) == ("task_started", "task_failed" if failed else "task_completed")
    assert (begun.path, ended.path, begun.task == ended.task) == (path, path, True)
    assert ended.props["latency_ms"] == 250.0
    assert ended.value == (None if failed else 0.25)
    assert ended.time - begun.time == timedelta(milliseconds=250)
    assert "enduser__id" not in links or ended.actor == "bob"


def test_the_spans_inside_a_request_are_not_more_tasks() -> None:
    told = attributes(feature_flag__key="f", feature_flag__variant="on")
    inner = span("query", kind=3, number=2, parentSpanId=f"{1:016x}")
    outer = span(events=[{"name": "feature_flag", "timeUnixNano": str(NS), "attributes": told}])
    names = [event(item).event for item in from_otlp("traces", inner, outer)]
    assert sorted(names) == ["feature_flag.evaluation", "otel.span", "task_completed", "task_started"]
    marked = span("work", kind=1, number=3, parentSpanId=f"{1:016x}", attributes=told)
    tasks = [e.kind for e in map(event, from_otlp("traces", marked, outer)) if e.event == "task_started"]
    assert tasks == ["work"]  # the span that carries the flag, and not its request as well


@pytest.mark.parametrize(
    ("sender", "resource", "tenant"),
    [
        (SALES, {}, "sales"),
        (SALES, {"service__namespace": "shop"}, "sales"),
        (ANY, {"service__namespace": "shop"}, "shop"),
        (ANY, {"companyos__tenant": "support", "service__namespace": "shop"}, "support"),
        (ANY, {"tenant": "support"}, "support"),
        (ANY, {}, None),
        (SALES, {"companyos__tenant": "support"}, None),
    ],
)
def test_resource_attributes_are_tenants(
    sender: Sender, resource: dict[str, Any], tenant: str | None
) -> None:
    (item,) = from_otlp(
        "logs", {"timeUnixNano": str(NS), "body": {"stringValue": "x"}}, sender=sender, **resource
    )
    assert (item.tenant if isinstance(item, Event) else None) == tenant


def test_a_record_sent_again_has_the_id_it_had() -> None:
    log = {"timeUnixNano": str(NS), "body": {"stringValue": "x"}}
    assert event(from_otlp("logs", log)[0]).id == event(from_otlp("logs", log)[0]).id
    assert event(from_otlp("logs", log)[0]).id != event(from_otlp("logs", log, a="b")[0]).id
    ids = [event(item).id for item in from_otlp("traces", span(), span(number=2))]
    assert ids == [event(item).id for item in from_otlp("traces", span(), span(number=2))]
    assert len(set(ids)) == 2
    named = {"event": "a", "distinct_id": "bob", "timestamp": "2026-03-02T08:00:00Z"}
    assert event(from_posthog(named)).id == event(from_posthog(named)).id
    assert event(from_posthog(named)).id != event(from_posthog(named | {"distinct_id": "eve"})).id


def test_events_without_id_and_time_are_never_taken_for_one() -> None:
    twice = [{"event": "a", "distinct_id": "bob"}] * 2
    body = json.dumps({"api_key": "k", "batch": twice}).encode()
    first, second = posthog.read(posthog.opened(body, {}, b""), SALES, now=NOW).items
    assert event(first).id != event(second).id
    calls = json.dumps({"batch": [{"type": "track", "event": "a", "userId": "u"}] * 2}).encode()
    first, second = segment.read(segment.opened(calls, {}, call="batch"), SALES, now=NOW).items
    assert event(first).id != event(second).id


def test_both_encodings_of_otlp_say_the_same() -> None:
    """Every kind of value; ids are hex in JSON and bytes in protobuf."""
    values = [
        ("a", {"intValue": "9007199254740993"}, {"int_value": 9007199254740993}),
        ("b", {"doubleValue": 0.5}, {"double_value": 0.5}),
        ("c", {"boolValue": True}, {"bool_value": True}), ("d", {"bytesValue": "AAE="}, {"bytes_value": b"\x00\x01"}),
        ("e", {"arrayValue": {"values": [{"stringValue": "x"}]}}, {"array_value": {"values": [{"string_value": "x"}]}}),
        ("f", {"kvlistValue": {"values": [{"key": "g", "value": {"stringValue": "h"}}]}},
         {"kvlist_value": {"values": [{"key": "g", "value": {"string_value": "h"}}]}}),
    ]  # fmt: skip
    told = {"timeUnixNano": str(NS), "traceId": "ab" * 16, "spanId": "cd" * 8, "eventName": "x",
            "attributes": [{"key": key, "value": value} for key, value, _ in values]}  # fmt: skip
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add(
        time_unix_nano=NS, trace_id=b"\xab" * 16, span_id=b"\xcd" * 8, event_name="x",
        attributes=[{"key": key, "value": value} for key, _, value in values],
    )  # fmt: skip
    assert record.event_name == "x"
    binary = otlp.opened("logs", request.SerializeToString(), {b"content-type": b"application/x-protobuf"})
    (from_binary,) = otlp.read(binary, SALES, Exposures(), now=NOW).items
    (from_json,) = from_otlp("logs", told)
    assert from_binary == from_json
    assert event(from_json).props["f"] == {"g": "h"}
    answer = ExportLogsServiceResponse.FromString(otlp.told(binary, {"0": "bad"}))
    assert answer.partial_success.rejected_log_records == 1
    assert "bad" in answer.partial_success.error_message


def test_a_broken_record_is_refused_and_the_others_are_kept() -> None:
    items = from_otlp(
        "logs", {"timeUnixNano": "soon"}, 7, {"timeUnixNano": str(NS), "body": {"stringValue": "x"}}
    )
    assert [isinstance(item, Event) for item in items] == [False, False, True]
    body = b'{"api_key":"k","batch":[{"event":"a","distinct_id":"b"},{"event":NaN},{"event":"c","distinct_id":"b"}]}'
    envelope = posthog.opened(body, {}, b"")
    assert envelope.secret == "k"
    items = posthog.read(envelope, SALES, now=NOW).items
    assert [isinstance(item, Event) for item in items] == [True, False, True]


def test_a_cloud_event_is_known_by_source_and_id() -> None:
    def one(**attributes: Any) -> Event | Refusal:
        record = {
            "specversion": "1.0",
            "id": "1",
            "source": "/a",
            "type": "com.example.Done",
            "tenant": "sales",
        }
        headers = {b"content-type": cloudevents.STRUCTURED.encode()}
        envelope = cloudevents.opened(json.dumps(record | attributes).encode(), headers)
        return cloudevents.read(envelope, SALES, now=NOW).items[0]

    assert event(one()).id == event(one(data={"x": 1})).id != event(one(source="/b")).id
    assert event(one(subject="bob")).actor == "bob"
    assert event(one(feature="f", data={"x": 1})).feature == "f"
    assert event(one(data_base64="eyJ4IjoxfQ==")).props["x"] == 1
    for bad in ({"id": ""}, {"specversion": "0.3"}, {"time": "soon"}, {"type": 7}, {"tenant": "support"}):
        assert isinstance(one(**bad), Refusal), bad
