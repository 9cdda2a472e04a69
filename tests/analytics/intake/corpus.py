"""Good requests of every protocol, and ways to spoil them."""

from __future__ import annotations

import json
import random
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def attribute(key: str, **value: Any) -> dict[str, Any]:
    return {"key": key, "value": value}


FLAG = [attribute("feature_flag.key", stringValue="f"), attribute("feature_flag.variant", stringValue="on")]
MET = {"name": "feature_flag", "attributes": FLAG}
SPAN = {"traceId": "ab" * 16, "spanId": "cd" * 8, "name": "n", "kind": 2, "startTimeUnixNano": "1772442000000000000",
        "endTimeUnixNano": "1772442000000000001", "attributes": FLAG, "events": [MET]}  # fmt: skip
LOG = {
    "timeUnixNano": "1772442000000000000",
    "eventName": "feature_flag.evaluation",
    "attributes": FLAG,
    "body": {"stringValue": "b"},
}
METRIC = {"name": "m", "sum": {"dataPoints": [{"asInt": "3", "timeUnixNano": "1772442000000000000"}]}}
HOG = {
    "event": "a",
    "distinct_id": "b",
    "timestamp": "2026-03-02T09:00:00Z",
    "properties": {"$groups": {"tenant": "sales"}, "x": [1, {"y": 2}]},
}
CALL = {
    "type": "track",
    "event": "a",
    "userId": "u",
    "messageId": "m-1234567",
    "timestamp": "2026-03-02T09:00:00Z",
}
CE = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "tenant": "sales", "data": {"x": 1}}
GOOD: dict[str, Any] = {
    "posthog": {"api_key": "k", "sent_at": "2026-03-02T09:00:00Z", "batch": [HOG, HOG]},
    "segment": {"writeKey": "k", "sentAt": "2026-03-02T09:00:00Z", "batch": [CALL, CALL]},
    "segment call": CALL,
    "cloudevents batch": [CE, CE],
    "cloudevents structured": CE,
    "cloudevents binary": {"x": 1},
    "otlp logs json": {"resourceLogs": [{"scopeLogs": [{"logRecords": [LOG, LOG]}]}]},
    "otlp traces json": {"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]},
    "otlp metrics json": {"resourceMetrics": [{"scopeMetrics": [{"metrics": [METRIC]}]}]},
}


def protobufs() -> dict[str, bytes]:
    """A request of each kind in protobuf, with a value of every type."""
    logs, traces, metrics = (
        ExportLogsServiceRequest(),
        ExportTraceServiceRequest(),
        ExportMetricsServiceRequest(),
    )
    flag: list[Any] = [{"key": "feature_flag.key", "value": {"string_value": "f"}}]
    deep: dict[str, Any] = {
        "kvlist_value": {"values": [{"key": "a", "value": {"array_value": {"values": [{"int_value": 1}]}}}]}
    }
    log = logs.resource_logs.add().scope_logs.add().log_records
    log.add(time_unix_nano=10**18, event_name="feature_flag", attributes=flag, body=deep)
    span = traces.resource_spans.add().scope_spans.add().spans
    span.add(
        trace_id=b"a" * 16,
        span_id=b"b" * 8,
        name="n",
        kind=2,
        attributes=flag,
        events=[{"name": "feature_flag", "attributes": flag}],
    )
    metric = metrics.resource_metrics.add().scope_metrics.add().metrics
    metric.add(
        name="m",
        histogram={
            "data_points": [{"count": 2, "sum": 3.0, "bucket_counts": [1, 1], "explicit_bounds": [1.0]}]
        },
    )
    metric.add(name="e", exponential_histogram={"data_points": [{"count": 2, "sum": 3.0}]})
    metric.add(name="g", gauge={"data_points": [{"as_double": float("nan")}]})
    metric.add(name="s", summary={"data_points": [{"count": 2, "sum": 3.0}]})
    return {
        "otlp logs protobuf": logs.SerializeToString(),
        "otlp traces protobuf": traces.SerializeToString(),
        "otlp metrics protobuf": metrics.SerializeToString(),
    }


BODIES = {name: json.dumps(whole).encode() for name, whole in GOOD.items()} | protobufs()


def grafted(whole: Any, dice: random.Random, graft: Any) -> Any:
    """The tree with one random node replaced."""
    if not isinstance(whole, dict | list) or not whole or dice.random() < 0.15:
        return graft
    if isinstance(whole, list):
        place = dice.randrange(len(whole))
        return [*whole[:place], grafted(whole[place], dice, graft), *whole[place + 1 :]]
    key = dice.choice(sorted(whole))
    return {**whole, key: grafted(whole[key], dice, graft)}


def mutated(body: bytes, dice: random.Random) -> bytes:
    """A few bytes changed, cut, doubled or put in."""
    found = bytearray(body)
    for _ in range(dice.randrange(1, 4)):
        place = dice.randrange(len(found) + 1)
        match dice.randrange(4):
            case 0 if place < len(found):
                found[place] = dice.randrange(256)
            case 1:
                del found[place : place + dice.randrange(20)]
            case 2:
                found[place:place] = found[place : place + dice.randrange(60)]
            case _:
                found[place:place] = dice.choice(
                    [b"\xff", b"NaN", b"1e999", b"[" * 500, b'"', b"\\ud800", b"\x00", b"{"]
                )
    return bytes(found)
