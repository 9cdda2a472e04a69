"""A few threads for candidates that mostly wait: bounded, with a time limit, and never in the caller's way.

A thread cannot be ended from outside. One that hangs is given up: its call counts as a timeout, another thread takes
its place, and after `most_stuck` of them no more are begun, so that jobs are dropped and counted instead.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from time import monotonic

from companyos_sdk.shadow.forks import begin_anew_in_forks
from companyos_sdk.shadow.job import Job, close_loop
from companyos_sdk.shadow.lane import Lane
from companyos_sdk.shadow.outcome import Verdict, unanswered


@dataclass(slots=True, eq=False)
class _Running:
    job: Job
    deadline: float
    is_given_up: bool = False


@dataclass(slots=True)
class _State:
    """What belongs to one process: nothing of it survives a fork."""

    queue: Lane[Job | None] = field(default_factory=Lane)
    running: dict[int, _Running] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)
    busy: threading.Event = field(default_factory=threading.Event)
    stuck: int = 0
    is_closed: bool = False


class ThreadPool:
    """Runs jobs in `workers` threads; at most `waiting` wait, and each may take `timeout_seconds`.

    Promises: the caller never waits, whatever a candidate does that lets other threads run (waiting, raising, hanging).
    It cannot promise this for candidates that hold the interpreter (pure computing, huge answers): use `ProcessPool`.
    """

    def __init__(
        self, *, workers: int = 2, waiting: int = 100, timeout_seconds: float = 5.0, most_stuck: int = 4
    ) -> None:
        if workers < 1 or waiting < 1 or timeout_seconds <= 0 or most_stuck < 0:
            raise ValueError("a pool has at least one thread, room for one job, and a time limit above 0 s")
        self._workers, self._waiting, self._most_stuck = workers, waiting, most_stuck
        self._timeout = timeout_seconds
        self._state: _State | None = None
        self._beginning = threading.Lock()
        begin_anew_in_forks(self._forget)

    @property
    def stuck(self) -> int:
        """How many threads hang in a candidate that was given up."""
        return self._state.stuck if self._state else 0

    def submit(self, job: Job) -> bool:
        state = self._state or self._begin()
        return not state.is_closed and state.queue.offer(job, self._waiting)

    def close(self, *, within: float = 3.0) -> None:
        """Finish what waits, as far as it goes in time."""
        state = self._state
        if state is None:
            return
        state.is_closed = True
        for _ in state.threads:
            state.queue.put(None)
        state.busy.set()
        ends = monotonic() + within
        for thread in list(state.threads):
            thread.join(max(0.0, ends - monotonic()))

    def _forget(self) -> None:
        self._state, self._beginning = None, threading.Lock()

    def _begin(self) -> _State:
        with self._beginning:
            if self._state is None:
                state = _State()
                for n in range(self._workers):
                    self._start_worker(state, n)
                threading.Thread(
                    target=self._watch, args=(state,), name="companyos-shadow-watch", daemon=True
                ).start()
                self._state = state
            return self._state

    def _start_worker(self, state: _State, number: int) -> None:
        thread = threading.Thread(
            target=self._work, args=(state,), name=f"companyos-shadow-{number}", daemon=True
        )
        state.threads.append(thread)
        thread.start()

    def _work(self, state: _State) -> None:
        try:
            self._work_off(state)
        finally:
            close_loop()

    def _work_off(self, state: _State) -> None:
        me = threading.get_ident()
        while (job := state.queue.get()) is not None:
            running = _Running(job, monotonic() + self._timeout)
            state.running[me] = running
            state.busy.set()
            try:
                comparison = job.run(self._timeout)
            except BaseException as problem:  # noqa: BLE001, RUF100  (a thread of ours outlives anything)
                comparison = unanswered(Verdict.CRASHED, type(problem).__name__, None)
            if (
                state.running.pop(me, None) is None
            ):  # the watch took it: this call is told, this thread replaced
                state.stuck -= 1
                return
            job.tell(comparison)

    def _watch(self, state: _State) -> None:
        """Give up what takes too long. Sleeps while nothing runs; is woken once a step at most, not for every job."""
        step = min(0.5, max(0.02, self._timeout / 4))
        pause = threading.Event()
        while not state.is_closed or state.running:
            state.busy.wait()
            state.busy.clear()
            pause.wait(step)
            while state.running:
                for thread, running in list(state.running.items()):
                    if monotonic() > running.deadline + step:  # a coroutine ends by itself just before
                        self._give_up(state, thread, running)
                pause.wait(step)

    def _give_up(self, state: _State, thread: int, running: _Running) -> None:
        if state.running.get(thread) is not running or state.running.pop(thread, None) is None:
            return
        state.stuck += 1
        if state.stuck <= self._most_stuck and not state.is_closed:
            self._start_worker(state, len(state.threads))
        says = f"no answer in {self._timeout:g} s"
        running.job.tell(unanswered(Verdict.TIMEOUT, says, self._timeout * 1000))
