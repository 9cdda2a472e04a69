"""Reading a batch of events so that a bad one does not spoil the good ones.

Three tries, each slower and more forgiving: all events typed at once; each event typed on its own; and
when the body is not even JSON (NaN, a lone surrogate, brackets 100,000 deep), cut where the events part.
"""

from __future__ import annotations

from typing import Any

import msgspec

from companyos.analytics.events import MOST_EVENT_BYTES, CheckedEvent, Event, Refusal, is_sound
from companyos.analytics.loose import Unreadable, cut

__all__ = ["Unreadable", "read_batch"]

_UNDECODABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


class _Typed(msgspec.Struct):
    events: list[Event]


class _Loose(msgspec.Struct):
    events: list[msgspec.Raw]


class _Peek(msgspec.Struct):
    id: Any = ""
    tenant: Any = ""


_typed = msgspec.json.Decoder(_Typed)
_loose = msgspec.json.Decoder(_Loose)
_event = msgspec.json.Decoder(CheckedEvent)
_peek = msgspec.json.Decoder(_Peek)


def read_batch(body: bytes) -> list[Event | Refusal]:
    """The events of a request body, each readable or refused. Raises Unreadable."""
    try:
        events = _typed.decode(body).events
    except _UNDECODABLE:
        return [_read_event(piece) for piece in _pieces(body)]
    if all(map(is_sound, events)):
        return list(events)
    return [_read_event(piece) for piece in _pieces(body)]


def _pieces(body: bytes) -> list[bytes]:
    try:
        return [bytes(raw) for raw in _loose.decode(body).events]
    except _UNDECODABLE as error:
        return [body[place] for place in cut(body, str(error), key=b"events")]


def _read_event(piece: bytes) -> Event | Refusal:
    if len(piece) > MOST_EVENT_BYTES:
        return _refused(piece, f"the event takes {len(piece)} bytes; at most {MOST_EVENT_BYTES} are kept")
    try:
        return _event.decode(piece)
    except _UNDECODABLE as error:
        return _refused(piece, str(error))


def _refused(piece: bytes, reason: str) -> Refusal:
    try:
        peek = _peek.decode(piece)
    except _UNDECODABLE:
        return Refusal(reason, piece)
    return Refusal(reason, piece, _short_text(peek.tenant), _short_text(peek.id))


def _short_text(value: Any) -> str:
    return value[:64] if isinstance(value, str) else ""
