"""OTLP's binary encoding, read into records."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from companyos.analytics.intake.otlp_records import (
    Attributes,
    LogRecord,
    Point,
    Record,
    Source,
    Span,
    SpanEvent,
)
from companyos.analytics.loose import Unreadable

_DEEPEST = 20


def read_protobuf(signal: str, body: bytes) -> list[Record]:
    """The records of a request for `logs`, `traces` or `metrics`. Raises Unreadable."""
    request_type, walk = _READERS[signal]
    request = request_type()
    try:
        request.ParseFromString(body)
        return list(walk(request))
    except (DecodeError, UnicodeDecodeError) as problem:
        raise Unreadable(f"it is no OTLP request in protobuf: {problem}") from None


def told_protobuf(signal: str, rejected: int, message: str) -> bytes:
    """The answer to a request, with `partial_success` when records were rejected."""
    answer = _ANSWERS[signal]()
    if rejected:
        setattr(answer.partial_success, _REJECTED[signal], rejected)
        answer.partial_success.error_message = message
    return bytes(answer.SerializeToString())


def problem_protobuf(message: str) -> bytes:
    """A `google.rpc.Status` with this message (field 2), as OTLP wants errors told."""
    text = message.encode("utf-8", "replace")
    length, size = len(text), bytearray()
    while True:
        size.append(length & 0x7F | (0x80 if length > 0x7F else 0))
        length >>= 7
        if not length:
            return b"\x12" + bytes(size) + text


def _logs(request: Any) -> Iterator[Record]:
    for resource, scope, record in _records(request.resource_logs, "scope_logs", "log_records"):
        yield LogRecord(
            Source(resource, scope),
            record.time_unix_nano,
            record.observed_time_unix_nano,
            record.event_name,
            record.severity_text,
            _value(record.body),
            _attributes(record.attributes),
            record.trace_id.hex(),
            record.span_id.hex(),
        )


def _spans(request: Any) -> Iterator[Record]:
    for resource, scope, span in _records(request.resource_spans, "scope_spans", "spans"):
        yield Span(
            Source(resource, scope),
            span.trace_id.hex(),
            span.span_id.hex(),
            span.parent_span_id.hex(),
            span.name,
            span.kind,
            span.start_time_unix_nano,
            span.end_time_unix_nano,
            _attributes(span.attributes),
            [SpanEvent(e.name, e.time_unix_nano, _attributes(e.attributes)) for e in span.events],
            span.status.code,
            span.status.message,
        )


def _points(request: Any) -> Iterator[Record]:
    for resource, scope, metric in _records(request.resource_metrics, "scope_metrics", "metrics"):
        kind = metric.WhichOneof("data") or ""
        for point in getattr(metric, kind).data_points if kind else ():
            value, details = _number_of(point) if kind in ("gauge", "sum") else _summary_of(point)
            yield Point(
                Source(resource, scope),
                metric.name,
                metric.unit,
                kind,
                point.start_time_unix_nano,
                point.time_unix_nano,
                value,
                _attributes(point.attributes),
                details,
            )


def _number_of(point: Any) -> tuple[float | None, dict[str, Any]]:
    kind = point.WhichOneof("value")
    return (float(getattr(point, kind)) if kind else None), {}


def _summary_of(point: Any) -> tuple[float | None, dict[str, Any]]:
    details: dict[str, Any] = {"count": point.count, "sum": point.sum}
    for name in ("min", "max"):
        if name in point.DESCRIPTOR.fields_by_name and point.HasField(name):
            details[name] = getattr(point, name)
    for name in ("bucket_counts", "explicit_bounds"):
        if name in point.DESCRIPTOR.fields_by_name:
            details[name] = list(getattr(point, name))
    return (point.sum / point.count if point.count else None), details


def _records(groups: Iterable[Any], scopes: str, records: str) -> Iterator[tuple[Attributes, str, Any]]:
    for group in groups:
        resource = _attributes(group.resource.attributes)
        for scope in getattr(group, scopes):
            for record in getattr(scope, records):
                yield resource, scope.scope.name, record


def _attributes(pairs: Iterable[Any]) -> Attributes:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(told: Any, depth: int = 0) -> Any:
    kind = told.WhichOneof("value")
    if kind is None or depth > _DEEPEST:
        return None
    value = getattr(told, kind)
    if kind == "array_value":
        return [_value(each, depth + 1) for each in value.values]
    if kind == "kvlist_value":
        return {pair.key: _value(pair.value, depth + 1) for pair in value.values}
    return base64.b64encode(value).decode() if kind == "bytes_value" else value


_READERS: dict[str, tuple[Any, Any]] = {
    "logs": (ExportLogsServiceRequest, _logs),
    "traces": (ExportTraceServiceRequest, _spans),
    "metrics": (ExportMetricsServiceRequest, _points),
}
_ANSWERS: dict[str, Any] = {
    "logs": ExportLogsServiceResponse,
    "traces": ExportTraceServiceResponse,
    "metrics": ExportMetricsServiceResponse,
}
_REJECTED = {"logs": "rejected_log_records", "traces": "rejected_spans", "metrics": "rejected_data_points"}
