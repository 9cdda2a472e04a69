"""Following the inbox log: every acknowledged event reaches the guardrails, in (time, id) order."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo

import msgspec

from companyos.adoption.telemetry import actions, queries
from companyos.adoption.telemetry.domain.day_book import DayBook
from companyos.adoption.telemetry.domain.symptoms import EVALUATED, OF_TASKS, Seen
from companyos.analytics.events import SeenEvent, seen_events
from companyos.analytics.inbox import FrameKind, Inbox

OLD_PATH = "existing"
SWITCHED_ON = frozenset({"on", "reverse-shadow"})  # the variants of a release flag for people who are on

Taker = Callable[[Seen, int], None]  # takes an event and the number of its frame in the log


class ServingReport(msgspec.Struct):
    provider: str
    version: int


class Tail:
    """Reads frames as they are synced; reports of providers at once, events when `flush` is called.

    `watchers` (by feature, then rollout) get every event of their feature that guardrails look at. One thread reads;
    `flush` may be called by any.
    """

    def __init__(
        self, inbox: Inbox, zone: tzinfo, *, after: int, on_serving: Callable[[str, int, datetime], None]
    ) -> None:
        self.books: dict[str, DayBook] = defaultdict(lambda: DayBook(zone))
        self.watchers: dict[str, dict[str, Taker]] = defaultdict(dict)
        self._arrived = self.evidence_arrived = (
            time.monotonic()
        )  # when the newest flushed event came in, wall time
        self._inbox, self._on_serving = inbox, on_serving
        self._read = self._applied = self._began_after = after
        self.drained: Callable[[], int] = lambda: after  # how far the engine has the log
        self._waiting: list[tuple[SeenEvent, int]] = []
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
                    self._waiting.extend((event, frame.seq) for event in seen_events(frame.payload))
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
            events.sort(key=lambda each: (each[0].time, each[0].id))
            exposed: list[tuple[str, str, str, datetime]] = []
            for event, seq in events:
                if _is_looked_at(event):
                    self._take(event, seq)
                if key := self._first_met(event):
                    exposed.append((*key, event.time))
            if events:
                self.evidence_arrived = self._arrived
            self._applied = self._read
        if exposed:
            actions.record_exposures(met=exposed)
        return len(events)

    def remember(self, feature: str, seen: Seen) -> None:
        """Take a task of the past, read back from the engine after a restart."""
        if seen.path == OLD_PATH and seen.event != EVALUATED:
            self.books[feature].take(seen)

    def stored(self, feature: str, since: datetime) -> Iterator[Seen]:
        """Return a feature's events as they are stored: in the engine, and in the log beyond. Some may come twice."""
        log = [
            _seen(event)
            for frame in self._inbox.frames(after=self.drained())
            if frame.kind is FrameKind.EVENTS and frame.seq <= self._applied
            for event in seen_events(frame.payload)
            if event.feature == feature and event.time >= since and _is_looked_at(event)
        ]
        return iter([*queries.tasks_seen(feature, since), *log])

    def frames_since(self, feature: str, after: int) -> Iterator[tuple[Seen, int]]:
        """Return a feature's events of the frames beyond `after` that were read before this tail began.

        Raises LookupError when the log no longer has them all.
        """
        due = after + 1
        for frame in self._inbox.frames(after=after) if after < self._began_after else ():
            if frame.seq > self._began_after:
                break
            if frame.seq != due:
                raise LookupError(f"the log begins at frame {frame.seq}, not {due}")
            due += 1
            if frame.kind is FrameKind.EVENTS:
                events = (each for each in seen_events(frame.payload) if each.feature == feature)
                yield from ((_seen(each), frame.seq) for each in events if _is_looked_at(each))
        if due <= self._began_after:
            raise LookupError(f"the log has no frame {due}")

    def _first_met(self, event: SeenEvent) -> tuple[str, str, str] | None:
        """Return who met which feature switched on, the first time only."""
        key = (event.tenant, event.feature, event.actor)
        if event.event != EVALUATED or event.path not in SWITCHED_ON or key in self._met:
            return None
        self._met.add(key)
        return key

    def _take(self, event: SeenEvent, seq: int) -> None:
        seen = _seen(event)
        self.remember(event.feature, seen)
        for taker in tuple(self.watchers[event.feature].values()):
            taker(seen, seq)


def _is_looked_at(event: SeenEvent) -> bool:
    return event.event in OF_TASKS or event.event == EVALUATED


def _seen(event: SeenEvent) -> Seen:
    return Seen(
        event.time,
        event.id,
        event.actor,
        event.kind,
        event.path,
        event.event,
        event.task,
        event.latency_ms,
    )
