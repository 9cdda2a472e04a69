"""OTLP's records as both of its encodings hold them: a span, a log record, a point of a metric."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Attributes = dict[str, Any]
_ENTRY_KINDS = (2, 5)  # server, consumer
_ERROR = 2


@dataclass(frozen=True, slots=True)
class Source:
    """What sent a record: its resource's attributes, and the name of its scope."""

    resource: Attributes
    scope: str


@dataclass(frozen=True, slots=True)
class SpanEvent:
    name: str
    time: int
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Span:
    source: Source
    trace_id: str
    span_id: str
    parent: str
    name: str
    kind: int
    start: int  # nanoseconds since 1970, like all times here
    end: int
    attributes: Attributes
    events: list[SpanEvent]
    status: int
    message: str

    @property
    def is_entry(self) -> bool:
        """Tell whether a request or a message comes in here: the piece of work as its caller sees it."""
        return not self.parent or self.kind in _ENTRY_KINDS

    @property
    def failed(self) -> bool:
        return self.status == _ERROR


@dataclass(frozen=True, slots=True)
class LogRecord:
    source: Source
    time: int
    observed: int
    name: str
    severity: str
    body: Any
    attributes: Attributes
    trace_id: str
    span_id: str


@dataclass(frozen=True, slots=True)
class Point:
    source: Source
    metric: str
    unit: str
    kind: str
    start: int
    time: int
    value: float | None
    attributes: Attributes
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that does not have the shape of one."""

    record: Any
    reason: str


Record = Span | LogRecord | Point | BrokenRecord
