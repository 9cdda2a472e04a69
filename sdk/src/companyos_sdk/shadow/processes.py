"""Processes of their own for candidates that are hungry for the processor or for memory, or that may crash hard.

Only small messages pass between the program and a process: the inputs, control's answer, and the redacted comparison.
A candidate's answer never comes back, however large. A process that takes too long is killed, and a new one begun;
after a death that pauses, so that starting anew takes no more than a fifth of one processor however often they die,
and holds up the program, which the system copies for it, no more than once a second.
"""

from __future__ import annotations

import logging
import os
import pickle
import select
import subprocess
import sys
import threading
from time import monotonic
from typing import Any

from companyos_sdk.shadow.forks import begin_anew_in_forks
from companyos_sdk.shadow.frames import Late, exchange, read_frame, write_frame
from companyos_sdk.shadow.job import Job
from companyos_sdk.shadow.lane import Lane
from companyos_sdk.shadow.outcome import (
    Comparison,
    ForeignError,
    Terms,
    Verdict,
    error_name,
    unanswered,
)
from companyos_sdk.shadow.priority import own_time_left

_PAUSE_PER_START, _SHORTEST_PAUSE = 4.0, 1.0  # times as long as it took to start; seconds
_ONE_HEAP = {
    "MALLOC_ARENA_MAX": "1"
}  # or glibc's heap for a second thread takes 64 MB of what a candidate may use
CAN_POLL = hasattr(select, "poll")  # not on Windows
_log = logging.getLogger(__name__)


class ProcessPool:
    """Runs jobs in `workers` processes; at most `waiting` wait, and each may take `timeout_seconds`. What it waits
    for a processor does not count (on Linux; up to four times as long in all).

    Promises what `ThreadPool` does, also for candidates that compute, fill `memory_mb`, or crash the interpreter.
    Sides must be importable (no lambdas, nothing of `__main__`), inputs and answers picklable, and so must rules,
    guard and redaction. `nice` is how far a process steps back when processors are short (not on Windows); at 19, the
    default, Linux also gives the processor back to the program the moment it wants it. A process has a session of its
    own, so Linux does not weigh it as part of the program, and a terminal's Ctrl-C does not reach it; it ends with the
    program.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        waiting: int = 50,
        timeout_seconds: float = 5.0,
        memory_mb: int = 1024,
        nice: int = 19,
        start_seconds: float = 20.0,
    ) -> None:
        if workers < 1 or waiting < 1 or timeout_seconds <= 0:
            raise ValueError("a pool has at least one process, room for one job, and a time limit above 0 s")
        self._workers, self._waiting, self._timeout = workers, waiting, timeout_seconds
        self._start_seconds = start_seconds
        self._settings: dict[str, Any] = {
            "nice": nice,
            "memory_bytes": memory_mb * 1024 * 1024,
            "timeout_seconds": timeout_seconds,
        }
        self._forget()
        begin_anew_in_forks(self._forget)

    def submit(self, job: Job) -> bool:
        if not self._threads:
            self._begin()
        return job.course.is_copied and not self._is_closed and self._queue.offer(job, self._waiting)

    def close(self, *, within: float = 3.0) -> None:
        """Finish what waits, as far as it goes in time, and end the processes."""
        self._is_closed = bool(self._threads)
        self._closing.set()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(within)

    def _forget(self) -> None:
        self._queue: Lane[Job | None] = Lane()
        self._threads: list[threading.Thread] = []
        self._is_closed = False
        self._closing = threading.Event()
        self._beginning = threading.Lock()

    def _begin(self) -> None:
        with self._beginning:
            if self._threads:
                return
            self._closing.clear()
            threads = [
                threading.Thread(
                    target=self._work, args=(self._queue,), name=f"companyos-shadow-process-{n}", daemon=True
                )
                for n in range(self._workers)
            ]
            for thread in threads:
                thread.start()
            self._threads = threads

    def _work(self, queue: Lane[Job | None]) -> None:
        child: _Child | None = None
        try:
            while (job := queue.get()) is not None:
                try:
                    if child is None or not child.serves(job.course.terms):
                        _end(child)
                        child = _Child(self._settings, job.course.terms, self._start_seconds)
                    comparison = child.ask(job, self._timeout)
                except Exception as problem:  # noqa: BLE001, RUF100
                    comparison = unanswered(Verdict.CRASHED, f"no process: {problem}"[:300], None)
                has_ended = comparison.verdict in (Verdict.TIMEOUT, Verdict.CRASHED)
                started_in = child.took_to_start if child else 0.0
                pause = max(_SHORTEST_PAUSE, started_in * _PAUSE_PER_START) if has_ended else 0.0
                if has_ended:
                    _end(child)
                    child = None
                job.tell(comparison)
                self._closing.wait(pause)
        finally:
            _end(child)


class _Child:
    """One process and the pipes to it."""

    def __init__(self, settings: dict[str, Any], terms: Terms, start_seconds: float) -> None:
        self._terms, self._is_late = terms, False
        self._popen = subprocess.Popen(  # noqa: S603  (this interpreter, our module)
            [sys.executable, "-m", "companyos_sdk.shadow.child", str(settings["nice"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # what it takes must not count as the program's: see `priority.step_back`
            env={**_ONE_HEAP, **os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        if self._popen.stdin is None or self._popen.stdout is None:
            raise OSError("there are no pipes to the process")
        self._jobs, self._comparisons = self._popen.stdin, self._popen.stdout
        for pipe in (self._jobs, self._comparisons) if CAN_POLL else ():
            os.set_blocking(pipe.fileno(), False)
        began = monotonic()
        words = {**settings, "path": sys.path, "terms": pickle.dumps(terms)}
        if self._within(start_seconds, pickle.dumps(words)) != b"ready":
            raise OSError("it did not start")
        self.took_to_start = monotonic() - began

    def serves(self, terms: Terms) -> bool:
        return self._terms is terms and self._popen.poll() is None

    def ask(self, job: Job, timeout_seconds: float) -> Comparison:
        frame = _frame_of(job)
        if frame is None:
            return unanswered(Verdict.TOO_LARGE, "the side cannot be named in another process", None)
        said = self._within(timeout_seconds + 0.25, frame)  # a coroutine ends by itself just before
        if said is not None:
            comparison: Comparison = pickle.loads(said)  # noqa: S301  (our own process)
            return comparison
        if self._is_late:
            return unanswered(Verdict.TIMEOUT, f"no answer in {timeout_seconds:g} s", timeout_seconds * 1000)
        return unanswered(Verdict.CRASHED, f"the process ended with {self._popen.returncode}", None)

    def _within(self, seconds: float, frame: bytes) -> bytes | None:
        """Say something and return what it answers; None when it died, or was killed for being late."""
        try:
            if not CAN_POLL:
                return self._watched(seconds, frame)
            left = own_time_left(self._popen.pid, seconds)
            return exchange(self._jobs.fileno(), self._comparisons.fileno(), frame, left=left)
        except Late:
            self._give_up()
            self._popen.wait()
            return None
        except (OSError, EOFError):
            self._popen.wait()
            return None

    def _watched(self, seconds: float, frame: bytes) -> bytes:
        """As `exchange`, where pipes cannot be polled: a thread of its own looks at the time."""
        timer = threading.Timer(seconds, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            write_frame(self._jobs, frame)
            return read_frame(self._comparisons)
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self._is_late = True
        self._popen.kill()

    def end(self) -> None:
        self._popen.kill()
        self._jobs.close()
        self._comparisons.close()
        self._popen.wait()


def _end(child: _Child | None) -> None:
    if child is None:
        return
    try:
        child.end()
    except OSError as problem:
        _log.debug("a process had ended already: %s", problem)


def _frame_of(job: Job) -> bytes | None:
    error = job.error
    if error is not None:
        error = _portable(error)
    try:
        return pickle.dumps(
            (job.side, job.inputs, job.answer, error, job.answered_ms, job.guarded, job.mode.new_answers)
        )
    except Exception as problem:  # noqa: BLE001, RUF100
        _log.debug("a job cannot be sent: %s", problem)
        return None


def _portable(error: BaseException) -> BaseException:
    """An error that arrives: many classes pickle well and unpickle badly."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:  # noqa: BLE001, RUF100
        return ForeignError(error_name(error), str(error)[:500])
    return error
