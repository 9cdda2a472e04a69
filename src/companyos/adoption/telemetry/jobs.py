"""Following the inbox log: every acknowledged event reaches the guardrails, in (time, id) order."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from heapq import merge
from itertools import islice
from operator import itemgetter

import msgspec

from companyos.adoption.telemetry import actions, queries
from companyos.adoption.telemetry.domain.day_book import DayBook
from companyos.adoption.telemetry.domain.symptoms import EVALUATED, OF_TASKS, Seen, place_of
from companyos.analytics.inbox import Frame, FrameKind, Inbox

OLD_PATH = "existing"
SWITCHED_ON = frozenset({"on", "reverse-shadow"})  # the variants of a release flag for people who are on

_MOST_AT_ONCE = 50_000
_BESIDE_EACH_OTHER = timedelta(seconds=1)

Taker = Callable[[Sequence[tuple[Seen, int]]], None]  # takes events, each with the number of its frame
_LOOKED_AT = OF_TASKS | {EVALUATED}
_Waiting = tuple[datetime, str, int, Seen]  # an event's place, and the number of its frame
_place = itemgetter(0, 1)
_time = itemgetter(0)
_lines = msgspec.json.Decoder(Seen)


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
        self._waiting: list[_Waiting] = []
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
                    self._waiting += [(each.time, each.id, frame.seq, each) for each in _events_of(frame)]
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
            waiting = sorted(self._waiting, key=_place)
            count = bisect_right(waiting, waiting[-1][0] - held_back, key=_time) if waiting else 0
            looked_at: defaultdict[str, list[tuple[Seen, int]]] = defaultdict(list)
            exposed: list[tuple[str, str, str, datetime]] = []
            for _, _, frame, seen in islice(waiting, count):
                if seen.event in _LOOKED_AT:
                    looked_at[seen.feature].append((seen, frame))
                    if seen.event == EVALUATED and (key := self._first_met(seen)):
                        exposed.append((*key, seen.time))
            for feature, events in looked_at.items():
                self._take(feature, events)
            if count:
                self.evidence_arrived = self._arrived
            self._waiting = waiting[count:]
            self._applied = min((frame for _, _, frame, _ in self._waiting), default=self._read + 1) - 1
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
            seen
            for frame in self._inbox.frames(after=self.drained())
            if frame.kind is FrameKind.EVENTS and frame.seq <= self._applied
            for seen in _events_of(frame)
            if seen.feature == feature and seen.time >= since and seen.event in _LOOKED_AT
        ]
        return merge(queries.tasks_seen(feature, since), sorted(log, key=place_of), key=place_of)

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
                mine = (each for each in _events_of(frame) if each.feature == feature)
                yield from ((each, frame.seq) for each in mine if each.event in _LOOKED_AT)
        if due <= self._began_after:
            raise LookupError(f"the log has no frame {due}")

    def _first_met(self, seen: Seen) -> tuple[str, str, str] | None:
        """Return who met which feature switched on, the first time only."""
        key = (seen.tenant, seen.feature, seen.actor)
        if seen.path not in SWITCHED_ON or key in self._met:
            return None
        self._met.add(key)
        return key

    def _take(self, feature: str, events: Sequence[tuple[Seen, int]]) -> None:
        for seen, _ in events:
            self.remember(feature, seen)
        for taker in tuple(self.watchers[feature].values()):
            taker(events)


def _events_of(frame: Frame) -> list[Seen]:
    return _lines.decode_lines(frame.payload)
