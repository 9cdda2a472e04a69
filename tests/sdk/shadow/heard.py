"""A telemetry that keeps what it is told, and lets a test wait for it."""

from __future__ import annotations

import threading
from typing import Any


class Heard:
    """What `Shadow` sends, in order. `wait_for(n)` returns when the n-th came; a test fails after 20 s without."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._news = threading.Condition()

    def send(self, name: str, **parts: Any) -> None:
        with self._news:
            self.events.append({"event": name, **parts})
            self._news.notify_all()

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        with self._news:
            assert self._news.wait_for(lambda: len(self.events) >= count, 20), self.events
        return self.events

    def verdicts(self, count: int) -> list[str]:
        return [each["props"]["shadow.verdict"] for each in self.wait_for(count)]
