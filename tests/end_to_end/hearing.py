"""Relays what was published, as the process does after a commit, to the rooms that act on decided requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from companyos.cli.decided_requests import hear_of_request
from companyos.platform import outbox


def hear_what_was_decided(now: datetime) -> None:
    outbox.forget_listeners()

    def hear(topic: str, body: dict[str, Any]) -> None:
        hear_of_request(topic, body, now)

    outbox.listen(hear)
    try:
        outbox.relay()
    finally:
        outbox.forget_listeners()
