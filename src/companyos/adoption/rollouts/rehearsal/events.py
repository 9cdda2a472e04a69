"""The events the approvals software sends, as the wire wants them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder().encode
MOST_EVENTS = 1_000


class Event(msgspec.Struct, omit_defaults=True):
    """One event of `POST /v1/events`."""

    id: str
    event: str
    time: datetime
    tenant: str
    actor: str = ""
    feature: str = ""
    path: str = ""
    kind: str = ""
    case: str = ""
    task: str = ""
    value: float | None = None
    props: dict[str, Any] = {}


def moment(at_ms: int) -> datetime:
    """Epoch milliseconds as an aware datetime in UTC."""
    return _EPOCH + timedelta(milliseconds=at_ms)


def milliseconds(at: datetime) -> int:
    """An aware datetime as epoch milliseconds."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def bodies(events: list[Event]) -> list[bytes]:
    """The request bodies that carry these events, in order, at most a thousand each."""
    return [_encode({"events": events[n : n + MOST_EVENTS]}) for n in range(0, len(events), MOST_EVENTS)]
