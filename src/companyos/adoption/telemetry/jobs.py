"""Following the inbox log: every acknowledged event reaches the guardrails, in (time, id) order."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from heapq import merge
from itertools import islice

import msgspec

from companyos.adoption.telemetry import actions, queries
from companyos.adoption.telemetry.domain.day_book import DayBook
from companyos.adoption.telemetry.domain.symptoms import EVALUATED, OF_TASKS, Seen
from companyos.analytics.events import SeenEvent, seen_events
from companyos.analytics.inbox import FrameKind, Inbox

OLD_PATH = "existing"
SWITCHED_ON = frozenset({"on", "reverse-shadow"})  # the variants of a release flag for people who are on

_MOST_AT_ONCE = 50_000
_BESIDE_EACH_OTHER = timedelta(seconds=1)

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

    def read(self, most: int | None = None) -> bool:
        """Take in the frames that are synced by now, until they held `most` events; tells whether all were taken."""
        with self._lock:
            enough = None if most is None else len(self._waiting) + most
            for frame in self._inbox.frames(after=self._read):
                if enough is not None and len(self._waiting) >= enough:
                    return False
                if frame.kind is FrameKind.EVENTS:
                    self._waiting.extend((event, frame.seq) for event in seen_events(frame.payload))
                    self._arrived = time.monotonic()
                elif frame.kind is FrameKind.SERVING:
                    report = msgspec.json.decode(frame.payload, type=ServingReport)
                    self._on_serving(report.provider, report.version, frame.received)
                self._read = frame.seq
        return True

    def flush(self) -> int:
        """Apply everything acknowledged so far, in (time, id) order; says how many events."""
        upto, applied = self._inbox.synced_seq, self.flush_a_piece()
        while self._read < upto:
            applied += self.flush_a_piece()
        return applied

    def flush_a_piece(self) -> int:
        """Apply what was acknowledged, after a jam only a piece of it: evidence is judged after each.

        The newest of a piece wait for the next, where what came beside them may be.
        """
        is_all = self.read(_MOST_AT_ONCE)
        return self._apply(timedelta() if is_all else _BESIDE_EACH_OTHER)

    def _apply(self, held_back: timedelta) -> int:
        """Apply what was read, without the events of the last moments before the newest."""
        with self._lock:
            events = sorted(self._waiting, key=_by_time)
            count = bisect_right(events, events[-1][0].time - held_back, key=_time_of) if events else 0
            exposed: list[tuple[str, str, str, datetime]] = []
            for event, seq in islice(events, count):
                if _is_looked_at(event):
                    self._take(event, seq)
                if key := self._first_met(event):
                    exposed.append((*key, event.time))
            if count:
                self.evidence_arrived = self._arrived
            self._waiting = events[count:]
            self._applied = min((seq for _, seq in self._waiting), default=self._read + 1) - 1
        if exposed:
            actions.record_exposures(met=exposed)
        return count

    def remember(self, feature: str, seen: Seen) -> None:
        """Take a task of the past, read back from the engine after a restart."""
        if seen.path == OLD_PATH and seen.event != EVALUATED:
            self.books[feature].take(seen)

    def stored(self, feature: str, since: datetime) -> Iterator[Seen]:
        """Return a feature's events in (time, id) order as they are stored: in the engine, and in the log beyond.

        Some may come twice.
        """
        log = [
            _seen(event)
            for frame in self._inbox.frames(after=self.drained())
            if frame.kind is FrameKind.EVENTS and frame.seq <= self._applied
            for event in seen_events(frame.payload)
            if event.feature == feature and event.time >= since and _is_looked_at(event)
        ]
        return merge(queries.tasks_seen(feature, since), sorted(log))

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


def _by_time(waiting: tuple[SeenEvent, int]) -> tuple[datetime, str]:
    return waiting[0].time, waiting[0].id


def _time_of(waiting: tuple[SeenEvent, int]) -> datetime:
    return waiting[0].time


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
