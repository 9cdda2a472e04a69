"""Reading a batch of events so that a bad one does not spoil the good ones.

Three tries, each slower and more forgiving: all events typed at once; each event typed on its own; and
when the body is not even JSON (NaN, a lone surrogate, brackets 100,000 deep), cut where the events part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from companyos.analytics.events import MOST_EVENT_BYTES, Event, Refusal

_MOST_TOKENS = 400_000
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},]', re.DOTALL)
_UNDECODABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


class Unreadable(Exception):
    """The body is not a batch of events at all; says why."""


class _Typed(msgspec.Struct):
    events: list[Event]


class _Loose(msgspec.Struct):
    events: list[msgspec.Raw]


class _Peek(msgspec.Struct):
    id: Any = ""
    tenant: Any = ""


_typed = msgspec.json.Decoder(_Typed)
_loose = msgspec.json.Decoder(_Loose)
_event = msgspec.json.Decoder(Event)
_peek = msgspec.json.Decoder(_Peek)


def read_batch(body: bytes) -> list[Event | Refusal]:
    """The events of a request body, each readable or refused. Raises Unreadable."""
    try:
        return list(_typed.decode(body).events)
    except _UNDECODABLE:
        return [_read_event(piece) for piece in _pieces(body)]


def _pieces(body: bytes) -> list[bytes]:
    try:
        return [bytes(raw) for raw in _loose.decode(body).events]
    except _UNDECODABLE as error:
        return list(_cut(body, str(error)))


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


def _cut(body: bytes, problem: str) -> Iterator[bytes]:
    """The elements of the top-level list "events", whatever is inside them."""
    depth, key, start, done = 0, b"", -1, False
    for count, token in enumerate(_TOKEN.finditer(body)):
        mark = token[0]
        if mark == b'"' or count > _MOST_TOKENS:
            raise Unreadable(problem)
        if mark[:1] == b'"':
            key = mark if depth == 1 else key
        elif mark in b"[{":
            depth += 1
            if depth == 2 and mark == b"[" and key == b'"events"' and not done:
                start = token.end()
        elif mark in b"]}":
            depth -= 1
        if start >= 0 and (depth == 1 or (depth == 2 and mark == b",")):
            if body[start : token.start()].strip():
                yield body[start : token.start()]
            start, done = (token.end(), done) if depth == 2 else (-1, True)
    if depth != 0 or not done:
        raise Unreadable(problem)
