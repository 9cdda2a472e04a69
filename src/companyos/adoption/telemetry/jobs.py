"""Following the inbox log: every acknowledged event reaches the guardrails, in (time, id) order."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo

import msgspec

from companyos.adoption.telemetry import actions
from companyos.adoption.telemetry.domain.day_book import DayBook, Seen
from companyos.analytics.events import SeenEvent, seen_events
from companyos.analytics.inbox import FrameKind, Inbox

SWITCHED_ON = "on"  # the variant that a release flag has for people who are on
_TASK_EVENTS = frozenset({"task_started", "task_failed"})


class ServingReport(msgspec.Struct):
    provider: str
    version: int


class Tail:
    """Reads frames as they are synced; reports of providers at once, events when `flush` is called.

    `watchers` get every task begun or failed of their feature. One thread reads; `flush` may be called by any.
    """

    def __init__(
        self, inbox: Inbox, zone: tzinfo, *, after: int, on_serving: Callable[[str, int, datetime], None]
    ) -> None:
        self.books: dict[str, DayBook] = defaultdict(lambda: DayBook(zone))
        self.watchers: dict[str, list[Callable[[Seen], None]]] = defaultdict(list)
        self._arrived = self.evidence_arrived = (
            time.monotonic()
        )  # when the newest flushed event came in, wall time
        self._inbox, self._on_serving = inbox, on_serving
        self._read = self._applied = after
        self._waiting: list[SeenEvent] = []
        self._met: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    @property
    def applied_offset(self) -> int:
        """Every frame up to this seq has reached the guardrails."""
        return self._applied

    def wait(self, seconds: float) -> bool:
        """Wait until something new is acknowledged, or the time is over."""
        return self._inbox.wait_beyond(self._read, seconds)

    def follow(self, stop: threading.Event) -> None:
        """Take frames in as they are synced, without applying them: a rehearsal applies at its clock."""
        while not stop.is_set():
            if self.wait(0.25):
                self.read()

    def read(self) -> None:
        """Take in the frames that are synced by now."""
        with self._lock:
            for frame in self._inbox.frames(after=self._read):
                if frame.kind is FrameKind.EVENTS:
                    self._waiting.extend(seen_events(frame.payload))
                    self._arrived = time.monotonic()
                elif frame.kind is FrameKind.SERVING:
                    report = msgspec.json.decode(frame.payload, type=ServingReport)
                    self._on_serving(report.provider, report.version, frame.received)
                self._read = frame.seq

    def flush(self) -> int:
        """Apply everything acknowledged so far, in (time, id) order; says how many events."""
        self.read()
        with self._lock:
            events, self._waiting = self._waiting, []
            events.sort(key=lambda event: (event.time, event.id))
            exposed: list[tuple[str, str, str, datetime]] = []
            for event in events:
                if event.event in _TASK_EVENTS:
                    self._take(event)
                elif key := self._first_met(event):
                    exposed.append((*key, event.time))
            if events:
                self.evidence_arrived = self._arrived
            self._applied = self._read
        if exposed:
            actions.record_exposures(met=exposed)
        return len(events)

    def remember(self, feature: str, seen: Seen) -> None:
        """Take a task of the past, read back from the engine after a restart."""
        if seen.path == "existing":
            self.books[feature].take(seen)

    def replay(self, feature: str, rows: Iterable[Seen]) -> None:
        """Give the watchers of a feature what they saw before a restart, in (time, id) order."""
        for seen in rows:
            for watcher in self.watchers[feature]:
                watcher(seen)

    def _first_met(self, event: SeenEvent) -> tuple[str, str, str] | None:
        """Return who met which feature switched on, the first time only."""
        key = (event.tenant, event.feature, event.actor)
        if event.event != "feature_flag.evaluation" or event.path != SWITCHED_ON or key in self._met:
            return None
        self._met.add(key)
        return key

    def _take(self, event: SeenEvent) -> None:
        seen = Seen(event.time, event.id, event.actor, event.kind, event.path, event.event == "task_failed")
        self.remember(event.feature, seen)
        self.replay(event.feature, [seen])
