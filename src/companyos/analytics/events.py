"""The shape of an event: as a client sends it, and as the log and the engine keep it.

Names, slugs and ids are checked while decoding, so whatever has become an `Event` can be stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from companyos.analytics.inbox.window import end_of_line

MOST_EVENT_BYTES = 32 * 1024
FARTHEST_AHEAD = timedelta(hours=24)
_NUMBERS, _LONGEST_MS = (int, float), 1e15
_EARLIEST_YEAR, _LATEST_YEAR = 2000, 2200

Name = Annotated[str, Meta(pattern=r"^[a-z0-9_.$-]{1,64}\Z")]
NameOrNone = Annotated[str, Meta(pattern=r"^[a-z0-9_.$-]{0,64}\Z")]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}\Z")]
SlugOrNone = Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9-]{0,63})?\Z")]
EventId = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{8,64}\Z")]
Reference = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{0,200}\Z")]
Moment = Annotated[datetime, Meta(tz=True)]


class Event(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One event as `POST /v1/events` takes it."""

    id: str
    event: str
    time: Moment
    tenant: str
    actor: str = ""
    feature: str = ""
    path: str = ""
    kind: str = ""
    case: str = ""
    task: str = ""
    value: float | None = None
    props: dict[str, Any] = {}


class CheckedEvent(Event):
    """The same, each field held against its pattern while it is decoded. Says what is wrong, and takes its time."""

    id: EventId
    event: Name
    time: Moment
    tenant: Slug
    actor: Reference = ""
    feature: SlugOrNone = ""
    path: NameOrNone = ""
    kind: NameOrNone = ""
    case: Reference = ""
    task: Reference = ""
    value: float | None = None
    props: dict[str, Any] = {}


class StoredBody(msgspec.Struct):
    """One event as stored, without the time of its receipt."""

    tenant: str
    id: str
    event: str
    time: datetime
    actor: str
    feature: str
    path: str
    kind: str
    case: str
    task: str
    value: float | None
    latency_ms: float | None
    by: str
    props: str


class StoredEvent(StoredBody, kw_only=True):
    """One line of an EVENTS frame, and one row of the table `events`."""

    received: datetime


class _Lifted(msgspec.Struct):
    """What the engine keeps in columns of its own, out of the props."""

    latency_ms: Annotated[float, Meta(ge=0)] | None = None
    by: Reference = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event we will not count, why, and as much of it as helps to find its sender."""

    reason: str
    body: bytes
    tenant: str = ""
    id: str = ""


class NotStorable(Exception):
    """The event is well-formed and still cannot be counted; says why."""


_stored = msgspec.json.Encoder(order="deterministic")
_lines = msgspec.json.Decoder(StoredEvent)


_NAMES = re.compile(
    r"[a-z0-9_.$-]{1,64}\n[a-z0-9][a-z0-9-]{0,63}\n([a-z0-9][a-z0-9-]{0,63})?\n[a-z0-9_.$-]{0,64}\n[a-z0-9_.$-]{0,64}"
)
_TEXTS = re.compile(
    r"[^\x00-\x1f\x7f]{8,64}\n[^\x00-\x1f\x7f]{0,200}\n[^\x00-\x1f\x7f]{0,200}\n[^\x00-\x1f\x7f]{0,200}"
)
_known_names: set[tuple[str, str, str, str, str]] = set()
_MOST_KNOWN = 10_000


def is_sound(event: Event) -> bool:
    """Tell whether a `CheckedEvent` of the same fields would be accepted. Names come again and again: remembered."""
    names = (event.event, event.tenant, event.feature, event.path, event.kind)
    if names not in _known_names:
        if not _NAMES.fullmatch("\n".join(names)):
            return False
        if len(_known_names) >= _MOST_KNOWN:
            _known_names.clear()
        _known_names.add(names)
    return _TEXTS.fullmatch(f"{event.id}\n{event.actor}\n{event.case}\n{event.task}") is not None


def stored_body(event: Event, *, now: datetime) -> bytes:
    """The event as stored, without the time of its receipt. Raises NotStorable."""
    time = _storable_time(event.time, now)
    latency_ms, by, props = _lift(event.props) if event.props else (None, "", "{}")
    stored = StoredBody(
        event.tenant, event.id, event.event, time, event.actor, event.feature, event.path,
        event.kind, event.case, event.task, event.value, latency_ms, by, props,
    )  # fmt: skip
    body = _stored.encode(stored)
    if len(body) > MOST_EVENT_BYTES:
        raise NotStorable(f"the event takes {len(body)} bytes; at most {MOST_EVENT_BYTES} are kept")
    return body


def stored_line(body: bytes, *, received: datetime) -> bytes:
    return body[:-1] + received_at(received)


def received_at(moment: datetime) -> bytes:
    """The end of a stored line: in place of the body's last byte it makes the line."""
    return end_of_line(moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))


def stored_events(payload: bytes) -> list[StoredEvent]:
    """The events of an EVENTS frame."""
    return _lines.decode_lines(payload)


def _storable_time(time: datetime, now: datetime) -> datetime:
    if not _EARLIEST_YEAR <= time.year <= _LATEST_YEAR:
        raise NotStorable(f"its time lies in the year {time.year}; the clock of the sender is wrong")
    if time - now > FARTHEST_AHEAD:
        raise NotStorable(f"its time {time.isoformat()} is more than 24 hours ahead of {now.isoformat()}")
    if time.tzinfo is not UTC:
        time = time.astimezone(UTC)
    beyond = time.microsecond % 1000
    return time.replace(microsecond=time.microsecond - beyond) if beyond else time


def _lift(props: dict[str, Any]) -> tuple[float | None, str, str]:
    latency, by = props.get("latency_ms"), props.get("by", "")
    if (latency is None or (type(latency) in _NUMBERS and 0 <= latency < _LONGEST_MS)) and _is_reference(by):
        return (None if latency is None else float(latency)), by, _written(props)
    try:
        lifted = msgspec.convert(props, _Lifted)
        return lifted.latency_ms, lifted.by, _written(props)
    except (msgspec.MsgspecError, OverflowError, RecursionError, ValueError) as error:
        raise NotStorable(f"its props cannot be kept: {error}") from None


def _is_reference(told: Any) -> bool:
    return type(told) is str and len(told) <= 200 and told.isprintable()


def _written(props: dict[str, Any]) -> str:
    try:
        return _stored.encode(props).decode()
    except (msgspec.MsgspecError, OverflowError, RecursionError, ValueError) as error:
        raise NotStorable(f"its props cannot be kept: {error}") from None
