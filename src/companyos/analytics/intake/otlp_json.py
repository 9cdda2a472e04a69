"""OTLP's JSON encoding, walked by hand: ids are hex, 64-bit numbers are texts, and unknown fields are passed over.

The general protobuf reader of JSON decodes the ids as base64 and refuses unknown fields, so it is not used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from companyos.analytics.intake.lists import read_json
from companyos.analytics.intake.otlp_records import (
    Attributes,
    BrokenRecord,
    LogRecord,
    Point,
    Record,
    Source,
    Span,
    SpanEvent,
)
from companyos.analytics.loose import Unreadable

_DEEPEST = 20
_KINDS = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")
_REJECTED = {"logs": "rejectedLogRecords", "traces": "rejectedSpans", "metrics": "rejectedDataPoints"}


def read_otlp_json(signal: str, body: bytes) -> list[Record]:
    """The records of a request for `logs`, `traces` or `metrics`. Raises Unreadable."""
    top, scopes, records, walk = _WALKS[signal]
    request = read_json(body)
    if not isinstance(request, dict):
        raise Unreadable("an OTLP request in JSON is an object")
    found: list[Record] = []
    for source, record in _records(request, top, scopes, records):
        try:
            found.extend(walk(source, record))
        except (TypeError, ValueError, AttributeError, OverflowError) as problem:
            found.append(BrokenRecord(record, f"it does not have the shape of OTLP: {problem}"))
    return found


def told_json(signal: str, rejected: int, message: str) -> bytes:
    """The answer to a request, with `partialSuccess` when records were rejected."""
    if not rejected:
        return b"{}"
    partial = {_REJECTED[signal]: str(rejected), "errorMessage": message}
    return json.dumps({"partialSuccess": partial}).encode()


def _records(request: dict[str, Any], top: str, scopes: str, records: str) -> Iterator[tuple[Source, Any]]:
    for group in _list(request, top):
        resource = _attributes(_dict(_dict(group).get("resource")).get("attributes"))
        for scope in _list(_dict(group), scopes):
            name = _dict(_dict(scope).get("scope")).get("name")
            source = Source(resource, name if isinstance(name, str) else "")
            for record in _list(_dict(scope), records):
                yield source, record


def _log(source: Source, record: dict[str, Any]) -> Iterator[Record]:
    yield LogRecord(
        source,
        _int(record, "timeUnixNano"),
        _int(record, "observedTimeUnixNano"),
        _text(record, "eventName"),
        _text(record, "severityText"),
        _value(record.get("body")),
        _attributes(record.get("attributes")),
        _text(record, "traceId").lower(),
        _text(record, "spanId").lower(),
    )


def _span(source: Source, record: dict[str, Any]) -> Iterator[Record]:
    status = _dict(record.get("status"))
    yield Span(
        source,
        _text(record, "traceId").lower(),
        _text(record, "spanId").lower(),
        _text(record, "parentSpanId").lower(),
        _text(record, "name"),
        _int(record, "kind"),
        _int(record, "startTimeUnixNano"),
        _int(record, "endTimeUnixNano"),
        _attributes(record.get("attributes")),
        [
            SpanEvent(_text(e, "name"), _int(e, "timeUnixNano"), _attributes(e.get("attributes")))
            for e in _list(record, "events")
        ],
        _int(status, "code"),
        _text(status, "message"),
    )


def _metric(source: Source, record: dict[str, Any]) -> Iterator[Record]:
    kind = next((each for each in _KINDS if isinstance(record.get(each), dict)), "")
    for point in _list(_dict(record.get(kind)), "dataPoints"):
        value, details = _number_of(point) if kind in ("gauge", "sum") else _summary_of(point)
        yield Point(
            source,
            _text(record, "name"),
            _text(record, "unit"),
            kind,
            _int(point, "startTimeUnixNano"),
            _int(point, "timeUnixNano"),
            value,
            _attributes(point.get("attributes")),
            details,
        )


def _number_of(point: dict[str, Any]) -> tuple[float | None, dict[str, Any]]:
    told = point.get("asDouble", point.get("asInt"))
    return (None if told is None else float(told)), {}


def _summary_of(point: dict[str, Any]) -> tuple[float | None, dict[str, Any]]:
    count, total = _int(point, "count"), float(point.get("sum") or 0.0)
    details: dict[str, Any] = {"count": count, "sum": total}
    details |= {name: float(point[name]) for name in ("min", "max") if point.get(name) is not None}
    if "bucketCounts" in point:
        details["bucket_counts"] = [int(each) for each in _list(point, "bucketCounts")]
        details["explicit_bounds"] = [float(each) for each in _list(point, "explicitBounds")]
    return (total / count if count else None), details


def _attributes(pairs: Any) -> Attributes:
    if pairs is None:
        return {}
    if not isinstance(pairs, list):
        raise TypeError("attributes are a list")
    return {
        pair["key"]: _value(pair.get("value")) for pair in pairs if isinstance(_dict(pair).get("key"), str)
    }


def _value(told: Any, depth: int = 0) -> Any:
    if not isinstance(told, dict) or not told or depth > _DEEPEST:
        return None
    kind, value = next(iter(told.items()))
    if kind == "intValue":
        return int(value)
    if kind == "doubleValue":
        return float(value)
    if kind == "arrayValue":
        return [_value(each, depth + 1) for each in _list(_dict(value), "values")]
    if kind == "kvlistValue":
        pairs = _list(_dict(value), "values")
        return {str(_dict(pair).get("key")): _value(_dict(pair).get("value"), depth + 1) for pair in pairs}
    return value if isinstance(value, str | bool) else None


def _dict(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _list(told: dict[str, Any], name: str) -> list[Any]:
    found = told.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise Unreadable(f"`{name}` is a list")
    return found


def _text(told: dict[str, Any], name: str) -> str:
    found = told.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise TypeError(f"`{name}` is a text")
    return found


def _int(told: dict[str, Any], name: str) -> int:
    found = told.get(name)
    return 0 if found is None else int(found)


_WALKS: dict[str, tuple[str, str, str, Callable[[Source, dict[str, Any]], Iterator[Record]]]] = {
    "logs": ("resourceLogs", "scopeLogs", "logRecords", _log),
    "traces": ("resourceSpans", "scopeSpans", "spans", _span),
    "metrics": ("resourceMetrics", "scopeMetrics", "metrics", _metric),
}
