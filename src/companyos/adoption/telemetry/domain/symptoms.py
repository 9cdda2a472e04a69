"""What goes wrong for people, read off the stream: the sessions of each signal, in order.

A signal's session is an error session of that signal (`kernel.error_sessions`): whoever meets a slow answer again
within half an hour has met one. Limits are fixed before a stage starts; they never move with what they measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from heapq import heappop, heappush
from operator import attrgetter
from typing import NamedTuple

import msgspec

from companyos.kernel.error_sessions import ErrorSessions
from companyos.kernel.frozen_state import keeps
from companyos.kernel.stats.merge import Signal

STARTED, COMPLETED, FAILED, REPORTED = "task_started", "task_completed", "task_failed", "problem_reported"
EVALUATED = "feature_flag.evaluation"
OF_TASKS = frozenset({STARTED, COMPLETED, FAILED, REPORTED})
_WENT_WRONG = frozenset({FAILED, REPORTED})
ABANDONED_AFTER = timedelta(hours=4)  # P11, when the plan says nothing else


class Seen(msgspec.Struct, frozen=True, gc=False):
    """What guardrails see of a stored event: one of a task, or an evaluation, whose variant is the path.

    Streams of them are in order of `place_of`.
    """

    time: datetime
    id: str
    actor: str
    kind: str
    path: str
    event: str = STARTED
    task: str = ""
    latency_ms: float | None = None
    feature: str = ""
    tenant: str = ""

    @property
    def failed(self) -> bool:
        return self.event == FAILED


place_of = attrgetter("time", "id")  # of an event in a stream


@keeps
@dataclass(frozen=True, slots=True)
class Limits:
    """From when on an answer is slow (None: nobody knows) and a task given up."""

    slow_ms: float | None = None
    abandoned_after: timedelta = ABANDONED_AFTER


class Happened(NamedTuple):
    """A session of a signal began for a person, while doing a task of a kind."""

    signal: Signal
    person: str
    kind: str
    at: datetime


@keeps
class Symptoms:
    """Reads a stream in (time, id) order. O(1) an event; remembers the latest session of each person and open tasks."""

    def __init__(self, zone: tzinfo, signals: Iterable[Signal], limits: Limits) -> None:
        self._limits = limits
        self._sessions = {signal: ErrorSessions(zone=zone) for signal in signals}
        self._open: dict[str, tuple[str, str]] = {}  # task -> (person, kind)
        self._due: list[tuple[datetime, str]] = []
        self._begun: set[str] = set()
        self._first: str | None = None  # the event that last began a task

    def take(self, seen: Seen) -> list[Happened]:
        """Take one event and return the sessions that began until and with it."""
        happened = list(self._given_up(seen.time)) if self._due else []
        if seen.event in _WENT_WRONG or seen.latency_ms is not None:
            happened.extend(self._of(seen))
        self._follow(seen)
        return happened

    def begins_a_task(self, seen: Seen) -> bool:
        """Tell whether the event just taken began a task; a retry of a task is none."""
        return seen.event == STARTED and self._first == seen.id

    def _of(self, seen: Seen) -> Iterator[Happened]:
        if seen.event == FAILED:
            yield from self._one(Signal.ERROR, seen)
        if seen.event == REPORTED:
            yield from self._one(Signal.HUMAN_REPORTS, seen)
        slow = self._limits.slow_ms is not None and seen.latency_ms is not None
        if slow and (seen.latency_ms or 0.0) > (self._limits.slow_ms or 0.0):
            yield from self._one(Signal.LATENCY, seen)

    def _one(self, signal: Signal, seen: Seen) -> Iterator[Happened]:
        sessions = self._sessions.get(signal)
        if sessions is not None and sessions.opens_one(seen.actor, seen.time):
            yield Happened(signal, seen.actor, seen.kind, seen.time)

    def _follow(self, seen: Seen) -> None:
        task = seen.task or seen.id
        if seen.event == STARTED and task not in self._begun:
            self._begun.add(task)
            self._first = seen.id
            if Signal.ABANDONMENT in self._sessions:
                self._open[task] = (seen.actor, seen.kind)
                heappush(self._due, (seen.time + self._limits.abandoned_after, task))
        elif seen.event == COMPLETED:
            self._open.pop(task, None)

    def _given_up(self, now: datetime) -> Iterator[Happened]:
        """A task that is not done by its limit counts when the limit passes: waiting longer would hide it."""
        while self._due and self._due[0][0] <= now:
            due, task = heappop(self._due)
            if task in self._open:
                person, kind = self._open.pop(task)
                if self._sessions[Signal.ABANDONMENT].opens_one(person, due):
                    yield Happened(Signal.ABANDONMENT, person, kind, due)
