"""One call on its way to the side that does not answer, and how it is run there."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

from companyos_sdk.shadow.carry import unpacked
from companyos_sdk.shadow.modes import Context, Mode
from companyos_sdk.shadow.outcome import (
    Comparison,
    Returned,
    Shows,
    Terms,
    Verdict,
    always,
    compared,
    unanswered,
)

_log = logging.getLogger(__name__)
Done = Callable[["Job", Comparison], None]


@dataclass(slots=True, eq=False)
class Course:
    """What all calls of one `Shadow` have in common."""

    terms: Terms
    done: Done
    shows: Shows = always
    is_copied: bool = True


@dataclass(slots=True, eq=False)  # not frozen: that would cost the caller some microseconds
class Job:
    """One call, as its caller leaves it: what can be worked out later is worked out later, on the pool's time.

    `inputs` and `answer` are bytes where the course `is_copied`, and themselves where they are shared. `began` and
    `ended` are times of `perf_counter`, in seconds, around the side that answered.
    """

    course: Course
    side: Callable[..., Any]
    inputs: Any
    answer: Any
    error: BaseException | None
    began: float
    ended: float
    mode: Mode
    about: Context
    is_noise: bool
    is_replay: bool
    open_trace: str

    @property
    def answered_ms(self) -> float:
        return (self.ended - self.began) * 1000

    @property
    def guarded(self) -> bool:
        """Tell whether side effects are refused. Not in a replay: it is a request, and needs the network."""
        return self.is_noise or (self.mode.is_guarded and not self.is_replay)

    def run(self, timeout_seconds: float) -> Comparison:
        """Run it here and now. Never raises, short of the program's own end."""
        course = self.course
        try:
            args, named = unpacked(self.inputs) if course.is_copied else self.inputs
            answer = unpacked(self.answer) if course.is_copied and self.error is None else self.answer
        except Exception as problem:  # noqa: BLE001, RUF100  (a class may unpickle badly)
            return unanswered(Verdict.TOO_LARGE, f"its copy cannot be read: {problem}", None)
        answered = Returned(answer, self.error, self.answered_ms)
        return run_beside(
            self.side,
            args,
            named,
            answered,
            course.terms,
            self.guarded,
            self.mode.new_answers,
            timeout_seconds,
            course.shows,
        )

    def tell(self, comparison: Comparison) -> None:
        """Tell what came of it. Whatever fails there stays there: a pool's thread outlives it."""
        try:
            self.course.done(self, comparison)
        except Exception:
            _log.exception("a comparison could not be told")


class Pool(Protocol):
    """Where the side runs that does not answer."""

    def submit(self, job: Job) -> bool:
        """Take a job, or refuse it at once for want of room. Never blocks."""
        ...

    def close(self, *, within: float = 3.0) -> None: ...


class _Late(Exception):
    """A coroutine did not end in time."""


def run_beside(
    side: Callable[..., Any],
    args: tuple[Any, ...],
    named: dict[str, Any],
    answered: Returned,
    terms: Terms,
    guarded: bool,
    flipped: bool,
    timeout_seconds: float,
    shows: Shows = always,
) -> Comparison:
    """Run the side and compare. What fails in comparing is told as such, and raises nothing."""

    def run() -> Returned:
        return _ran(side, args, named, timeout_seconds)

    try:
        return compared(run, answered, (args, named), terms, guarded=guarded, flipped=flipped, shows=shows)
    except _Late:
        return unanswered(Verdict.TIMEOUT, f"no answer in {timeout_seconds:g} s", timeout_seconds * 1000)
    except Exception as problem:  # noqa: BLE001, RUF100  (a rule or a normaliser of the caller's)
        says = f"comparing failed: {type(problem).__name__}: {problem}"[:300]
        return unanswered(Verdict.TOO_LARGE, says, None)


def _ran(
    side: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any], timeout_seconds: float
) -> Returned:
    began = perf_counter()
    answer, error = None, None
    try:
        answer = side(*args, **named)
        if inspect.isawaitable(answer):
            answer = _loop_of_this_thread().run(_within(answer, timeout_seconds), context=copy_context())
    except (KeyboardInterrupt, _Late):
        raise
    except BaseException as problem:  # noqa: BLE001, RUF100  (SystemExit, too: it is not the program's)
        answer, error = None, problem.with_traceback(None)  # its frames would hold each other as garbage
    return Returned(answer, error, (perf_counter() - began) * 1000)


async def _within(answer: Any, seconds: float) -> Any:
    try:
        async with asyncio.timeout(seconds) as clock:
            return await answer
    except TimeoutError:
        if clock.expired():
            raise _Late from None
        raise


_mine = threading.local()


def _loop_of_this_thread() -> asyncio.Runner:
    """A loop of the pool's own: a coroutine that blocks cannot hold up the caller's."""
    if not hasattr(_mine, "runner"):
        _mine.runner = asyncio.Runner()
    runner: asyncio.Runner = _mine.runner
    return runner


def close_loop() -> None:
    """Close the loop of this thread, where a coroutine ran in it: when the thread ends."""
    runner: asyncio.Runner | None = _mine.__dict__.pop("runner", None)
    if runner is not None:
        runner.close()
