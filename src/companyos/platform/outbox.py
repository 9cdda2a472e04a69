"""The transactional outbox: what happened is written with the change and relayed once it is committed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.platform.models import OutboxMessage

Listener = Callable[[str, dict[str, Any]], None]
_LISTENERS: list[Listener] = []
_BATCH = 100
_RELAYING = threading.local()


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

    What a listener publishes is heard next, by this relay and never inside it: the message that is being heard
    still waits, and would be heard again.
    A process in which nobody listens leaves them to the one in which somebody does.
    """
    if not _LISTENERS or getattr(_RELAYING, "now", False):
        return 0
    _RELAYING.now = True
    try:
        return sum(iter(_relay_a_batch, 0))
    finally:
        _RELAYING.now = False


def _relay_a_batch() -> int:
    waiting = list(OutboxMessage.objects.filter(relayed=False).order_by("id")[:_BATCH])
    heard = []
    try:
        for message in waiting:
            for listener in _LISTENERS:
                listener(message.topic, message.body)
            heard.append(message.pk)
    finally:  # what was heard before a listener failed is not heard again
        if heard:
            OutboxMessage.objects.filter(pk__in=heard, relayed=False).update(relayed=True)
    return len(waiting)
