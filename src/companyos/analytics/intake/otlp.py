"""OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/): logs, traces and metrics, in protobuf and JSON.

A flag evaluation is an exposure. A span that carries a flag, or whose person, session or trace met one, is a task:
begun, then completed or failed, with its latency. Everything else is kept as `otel.log`, `otel.span`, `otel.metric`,
or under the name of its event.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from companyos.analytics.events import Event, Refusal
from companyos.analytics.intake.bodies import BodyRefused, unpacked
from companyos.analytics.intake.drafts import Draft, Read, Sender, finished, refused
from companyos.analytics.intake.exposures import Exposures, Met
from companyos.analytics.intake.lists import MOST_RECORDS
from companyos.analytics.intake.mapping import (
    EXPOSURE,
    flag_of,
    hinted_tenant,
    named_tenant,
    otel_variant,
    path_of,
    people_in,
)
from companyos.analytics.intake.moments import of_nanoseconds
from companyos.analytics.intake.names import id_of, name_of
from companyos.analytics.intake.otlp_json import read_otlp_json, told_json
from companyos.analytics.intake.otlp_protobuf import problem_protobuf, read_protobuf, told_protobuf
from companyos.analytics.intake.otlp_records import (
    Attributes,
    BrokenRecord,
    LogRecord,
    Point,
    Record,
    Source,
    Span,
)

PROTOBUF, JSON = "application/x-protobuf", "application/json"
_EVALUATIONS = ("feature_flag.evaluation", "feature_flag")
_MOST_TEXT = 8192
_sorted = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request's records, and the encoding in which its answer goes back."""

    signal: str
    encoding: str
    records: list[Record]


def encoding_of(headers: Mapping[bytes, bytes]) -> str:
    """In which encoding a request is, and its answer goes. Raises BodyRefused for any other than OTLP's two."""
    told = headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
    if told in ("application/x-protobuf", "application/protobuf"):
        return PROTOBUF
    if told == JSON:
        return JSON
    raise BodyRefused(415, f"OTLP comes as {PROTOBUF} or {JSON}. Set the content type to the one you send.")


def opened(signal: str, body: bytes, headers: Mapping[bytes, bytes]) -> Envelope:
    """Unwrap a request to `/v1/<signal>`. Raises Unreadable and BodyRefused."""
    encoding = encoding_of(headers)
    inside = unpacked(body, headers.get(b"content-encoding", b""))
    read_records = read_protobuf if encoding == PROTOBUF else read_otlp_json
    records = read_records(signal, inside)
    if len(records) > MOST_RECORDS:
        raise BodyRefused(413, f"{len(records)} records in one request; at most {MOST_RECORDS}.")
    return Envelope(signal, encoding, records)


def read(envelope: Envelope, sender: Sender, known: Exposures, *, now: datetime) -> Read:
    """The events of a request, each readable or refused. `known` are the exposures of earlier requests."""
    found, here = Read(), Exposures()
    flagged = {r.trace_id for r in envelope.records if isinstance(r, Span) and flag_of(r.attributes)}
    for number, record in enumerate(envelope.records):
        for draft in _exposures_in(record, sender):
            item = finished(draft, sender, now=now)
            found.add(str(number), item)
            if isinstance(item, Event):
                here.learn(item)
    for number, record in enumerate(envelope.records):
        for item in _rest_of(record, sender, (here, known), flagged, now):
            found.add(str(number), item)
    return found


def told(envelope: Envelope, reasons: Mapping[str, str]) -> bytes:
    """The answer, in the request's own encoding."""
    first = next(iter(reasons.values()), "")
    message = f"put into quarantine; the first, because {first}" if reasons else ""
    say = told_protobuf if envelope.encoding == PROTOBUF else told_json
    return say(envelope.signal, len(reasons), message)


def problem(encoding: str, message: str) -> bytes:
    """An error's body, in the request's own encoding."""
    return problem_protobuf(message) if encoding == PROTOBUF else json.dumps({"message": message}).encode()


def _exposures_in(record: Record, sender: Sender) -> Iterator[Draft]:
    if isinstance(record, LogRecord) and _is_evaluation(record):
        yield _exposure(
            record.source, record.attributes, record.trace_id, _log_id(record), _log_time(record), sender
        )
    if isinstance(record, Span):
        for place, event in enumerate(record.events):
            if event.name in _EVALUATIONS and flag_of(event.attributes):
                attributes = {**_people_only(record.attributes), **event.attributes}
                name = id_of("otel-evaluation", record.trace_id, record.span_id, place, event.time)
                time = of_nanoseconds(event.time)
                yield _exposure(record.source, attributes, record.trace_id, name, time, sender)
        if flag := flag_of(record.attributes):
            name = id_of("otel-evaluation", record.trace_id, record.span_id, flag)
            time = of_nanoseconds(record.start)
            yield _exposure(record.source, record.attributes, record.trace_id, name, time, sender)


def _rest_of(
    record: Record, sender: Sender, exposures: tuple[Exposures, ...], flagged: set[str], now: datetime
) -> Iterator[Event | Refusal]:
    if isinstance(record, BrokenRecord):
        yield refused(record.record, record.reason, sender)
    elif isinstance(record, LogRecord):
        if not _is_evaluation(record):
            yield finished(_log(record), sender, now=now)
    elif isinstance(record, Point):
        yield finished(_point(record), sender, now=now)
    elif not record.trace_id or not record.span_id:
        yield refused({"name": record.name}, "a span has a trace id and a span id", sender)
    else:
        for draft in _span(record, sender, exposures, flagged):
            yield finished(draft, sender, now=now)


def _is_evaluation(record: LogRecord) -> bool:
    name = record.name or record.attributes.get("event.name")
    return name in _EVALUATIONS and bool(flag_of(record.attributes))


def _exposure(
    source: Source, attributes: Attributes, trace: str, name: str, time: datetime | None, sender: Sender
) -> Draft:
    flag = flag_of(attributes)
    people = people_in(attributes)
    draft = _draft(source, EXPOSURE, name, time, attributes)
    draft.actor, draft.case = people[0] if people else "", trace
    draft.kind, draft.path, draft.feature = (
        name_of(flag),
        otel_variant(attributes) or "none",
        sender.feature_of(flag),
    )
    draft.ours = {"flag": flag[:200]} | {n: attributes[n] for n in ("session.id",) if n in attributes}
    return draft


def _log(record: LogRecord) -> Draft:
    told_name = record.name or record.attributes.get("event.name")
    name = told_name if isinstance(told_name, str) and told_name else "otel.log"
    props = {**record.attributes, "severity": record.severity}
    if record.body is not None:
        props["body"] = record.body[:_MOST_TEXT] if isinstance(record.body, str) else record.body
    draft = _draft(record.source, name, _log_id(record), _log_time(record), props)
    people = people_in(record.attributes)
    draft.actor, draft.case = people[0] if people else "", record.trace_id
    return draft


def _log_id(record: LogRecord) -> str:
    what = (record.name, record.severity, record.body, record.attributes, record.source.resource)
    where = (record.source.scope, record.time, record.observed, record.trace_id, record.span_id)
    return id_of("otel-log", *where, _sorted(what))


def _log_time(record: LogRecord) -> datetime | None:
    return of_nanoseconds(record.time or record.observed)


def _point(point: Point) -> Draft:
    what = _sorted((point.attributes, point.source.resource))
    name = id_of("otel-metric", point.source.scope, point.metric, point.kind, point.start, point.time, what)
    props = {
        **point.attributes,
        **point.details,
        "metric": point.metric,
        "unit": point.unit,
        "type": point.kind,
    }
    draft = _draft(point.source, "otel.metric", name, of_nanoseconds(point.time), props)
    draft.kind = name_of(point.metric)
    draft.value = point.value if point.value is not None and math.isfinite(point.value) else None
    return draft


def _span(span: Span, sender: Sender, exposures: tuple[Exposures, ...], flagged: set[str]) -> Iterator[Draft]:
    own = _own_flags(span, sender)
    met = own or ({} if span.trace_id in flagged else _met_by(span, sender, exposures))
    if not met:
        yield _plain_span(span)
        return
    for each in met.values():
        yield _task(span, each, "task_started")
        yield _task(span, each, "task_failed" if span.failed else "task_completed")


def _own_flags(span: Span, sender: Sender) -> dict[str, Met]:
    """The flag that a span carries as an attribute: the span is the flag's piece of work."""
    flag = flag_of(span.attributes)
    if not flag:
        return {}
    people = people_in(span.attributes)
    met = Met(
        people[0] if people else "", name_of(flag), sender.feature_of(flag), otel_variant(span.attributes)
    )
    return {met.flag: met}


def _met_by(span: Span, sender: Sender, exposures: tuple[Exposures, ...]) -> dict[str, Met]:
    """What the people of a request met. Spans inside it are parts of the same piece of work, not more of them."""
    if not span.is_entry:
        return {}
    resource = span.source.resource
    tenant = named_tenant(span.attributes) or named_tenant(resource) or sender.own or hinted_tenant(resource)
    names = (span.trace_id, *people_in(span.attributes))
    return next((met for each in exposures if (met := each.of(tenant, names))), {})


def _task(span: Span, met: Met, event: str) -> Draft:
    began = event == "task_started"
    name = id_of("otel-task", span.trace_id, span.span_id, met.flag, "begun" if began else "ended")
    draft = _draft(
        span.source, event, name, of_nanoseconds(span.start if began else span.end), span.attributes
    )
    people = people_in(span.attributes)
    draft.actor = met.actor or (people[0] if people else "")
    draft.feature, draft.kind = met.feature, name_of(span.name)
    path = span.attributes.get("companyos.path")
    draft.path = path if isinstance(path, str) else path_of(met.variant)
    draft.case, draft.task = span.trace_id, f"{span.trace_id}-{span.span_id}"
    if not began:
        draft.ours = _outcome(span)
        draft.value = None if span.failed else _milliseconds(span) / 1000
    return draft


def _plain_span(span: Span) -> Draft:
    name = id_of("otel-span", span.trace_id, span.span_id)
    draft = _draft(span.source, "otel.span", name, of_nanoseconds(span.start), {**span.attributes})
    people = people_in(span.attributes)
    draft.actor, draft.kind, draft.case = people[0] if people else "", name_of(span.name), span.trace_id
    draft.ours = _outcome(span)
    return draft


def _outcome(span: Span) -> dict[str, Any]:
    failure = {"error": span.message[:500] or "error"} if span.failed else {}
    return {"latency_ms": _milliseconds(span)} | failure


def _milliseconds(span: Span) -> float:
    return max(0, span.end - span.start) / 1e6 if span.start and span.end else 0.0


def _draft(source: Source, event: str, name: str, time: datetime | None, attributes: Attributes) -> Draft:
    service = source.resource.get("service.name")
    props = {**attributes, **({"service": service} if isinstance(service, str) else {})}
    tenant = named_tenant(attributes) or named_tenant(source.resource)
    hint = hinted_tenant(attributes) or hinted_tenant(source.resource)
    return Draft(event, name, time, props, tenant=tenant, hint=hint)


def _people_only(attributes: Attributes) -> Attributes:
    return {
        name: told for name, told in attributes.items() if name.startswith(("enduser.", "user.", "session."))
    }
