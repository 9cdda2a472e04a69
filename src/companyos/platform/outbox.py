"""The transactional outbox: what happened is written with the change and relayed once it is committed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.platform.models import OutboxMessage

Listener = Callable[[str, dict[str, Any]], None]
_LISTENERS: list[Listener] = []
_BATCH = 100


def listen(listener: Listener) -> None:
    """Call `listener(topic, body)` for every relayed message; at least once each, in order."""
    _LISTENERS.append(listener)


def forget_listeners() -> None:
    _LISTENERS.clear()


def publish(topic: str, body: dict[str, Any], *, at: datetime) -> None:
    """Write a message in the caller's transaction and relay it right after the commit."""
    OutboxMessage.objects.create(topic=topic, body=body, at=at)
    transaction.on_commit(relay)


def relay() -> int:
    """Relay what is waiting; says how many messages. Safe to call at any time.

    A process in which nobody listens leaves them to the one in which somebody does.
    """
    if not _LISTENERS:
        return 0
    waiting = list(OutboxMessage.objects.filter(relayed=False).order_by("id")[:_BATCH])
    for message in waiting:
        for listener in _LISTENERS:
            listener(message.topic, message.body)
    if waiting:
        OutboxMessage.objects.filter(id__in=[message.pk for message in waiting]).update(relayed=True)
    return len(waiting)
