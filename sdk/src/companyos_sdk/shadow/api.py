"""`Shadow`: one workflow with an old and a new path. The side with authority answers; the other runs beside it."""

from __future__ import annotations

import functools
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from random import random
from sys import modules
from time import perf_counter, time
from typing import Any, Final, ParamSpec, TypeVar

from companyos_sdk.shadow.block import Block
from companyos_sdk.shadow.breaker import Breaker
from companyos_sdk.shadow.carry import SHARED, NotCarried, packed
from companyos_sdk.shadow.guard import Guard
from companyos_sdk.shadow.inline import Inline
from companyos_sdk.shadow.job import Course, Job, Pool
from companyos_sdk.shadow.modes import Context, Mode, ReadMode, ReadShare
from companyos_sdk.shadow.outcome import Comparison, Mismatch, Terms, always
from companyos_sdk.shadow.pool import ThreadPool
from companyos_sdk.shadow.redaction import Redaction
from companyos_sdk.shadow.report import About, Report, Sends, open_trace_id, trace_id
from companyos_sdk.shadow.rules import Rules
from companyos_sdk.shadow.sampling import is_sampled

_log = logging.getLogger("companyos_sdk.shadow")
P = ParamSpec("P")
T = TypeVar("T")
NOBODY: Context = {}
SKIPS = ("full", "resting", "not_copied", "failed")


class Shadow:
    """Compares two paths of one workflow.

    `name` is the workflow's, `feature` the one that is being adopted. `mode` and `share` are values, or read them from
    flags (`flags_mode`, `flags_share`); `flag` is the name of the mode's flag, for the report. `noise` is the share of
    compared calls that run the old path twice instead, to learn how much it differs from itself: only for an old path
    that may be repeated. `copy=SHARED` says that neither path changes its inputs or its answer, and saves the copy.

    What is known of a call goes into `about`: targetingKey, tenant, case, variant (which way through the old path) and
    trace_id. The same case is compared always or never.
    """

    def __init__(  # noqa: PLR0913  (settings, each with a default)
        self,
        name: str,
        *,
        feature: str = "",
        mode: Mode | str | ReadMode = Mode.SHADOW,
        share: float | ReadShare = 1.0,
        flag: str = "",
        version: str = "",
        telemetry: Sends | None = None,
        pool: Pool | None = None,
        rules: Rules | None = None,
        guard: Guard | None = None,
        redaction: Redaction | None = None,
        breaker: Breaker | None = None,
        noise: float = 0.0,
        examples: int = 5,
        copy: object = None,
        raise_on_mismatch: bool = False,
    ) -> None:
        if raise_on_mismatch and not isinstance(pool, Inline):
            raise ValueError(
                "raise_on_mismatch is for tests: it needs pool=Inline(), which runs in the caller's time"
            )
        if not 0 <= noise <= 1:
            raise ValueError("noise is a share, from 0 to 1")
        self.name, self._flag, self._version = name, flag, version
        self._read_mode = mode if callable(mode) and not isinstance(mode, Mode) else None
        self._fixed_mode = None if self._read_mode else Mode(str(mode))
        self._share: Final = share
        self._noise = noise
        self._pool: Pool = pool if pool is not None else ThreadPool()
        self._breaker = breaker or Breaker()
        self._report = Report(name, feature=feature, telemetry=telemetry, examples=examples)
        self._raises = raise_on_mismatch
        self._course = Course(
            Terms(rules or Rules(), guard or Guard(), redaction or Redaction()),
            self._came_back,
            always if isinstance(self._pool, Inline) else self._report.wants,
            is_copied=copy is not SHARED,
        )
        self._skipped = dict.fromkeys(SKIPS, 0)
        self._counts = {"compared": 0, "different": 0, "untold": 0}
        self._skipping = threading.Lock()
        self._told: dict[str, int] = dict.fromkeys(SKIPS, 0)
        self._complained = False

    @property
    def counts(self) -> dict[str, int]:
        """How many calls were compared, how many of them differed, and how many were left out and why."""
        return {**self._counts, **self._skipped}

    def call(
        self,
        old: Callable[..., T],
        new: Callable[..., T],
        /,
        *args: Any,
        about: Context = NOBODY,
        **named: Any,
    ) -> T:
        """Answer by the side with authority; whatever the other one does, nobody notices."""
        mode = self._fixed_mode or self._mode_of(about)
        answering, beside = (new, old) if mode.new_answers else (old, new)
        inputs = self._inputs(about, args, named) if mode.runs_both else None
        if inputs is None:
            return answering(*args, **named)
        began = perf_counter()
        try:
            answer = answering(*args, **named)
        except Exception as problem:
            self._hand_over(mode, old, beside, inputs, None, problem, began, about)
            raise
        self._hand_over(mode, old, beside, inputs, answer, None, began, about)
        return answer

    async def acall(
        self,
        old: Callable[..., Awaitable[T]],
        new: Callable[..., Awaitable[T]],
        /,
        *args: Any,
        about: Context = NOBODY,
        **named: Any,
    ) -> T:
        """As `call`, for coroutines. The other side runs on a loop of the pool's own, never on the caller's."""
        mode = self._fixed_mode or self._mode_of(about)
        answering, beside = (new, old) if mode.new_answers else (old, new)
        inputs = self._inputs(about, args, named) if mode.runs_both else None
        if inputs is None:
            return await answering(*args, **named)
        began = perf_counter()
        try:
            answer = await answering(*args, **named)
        except Exception as problem:
            self._hand_over(mode, old, beside, inputs, None, problem, began, about)
            raise
        self._hand_over(mode, old, beside, inputs, answer, None, began, about)
        return answer

    def beside(
        self, new: Callable[P, T], *, about: Callable[P, Context] | None = None
    ) -> Callable[[Callable[P, T]], Callable[P, T]]:
        """Decorate the old path. `about` says what is known of a call, from its arguments."""

        def decorate(old: Callable[P, T]) -> Callable[P, T]:
            if inspect.iscoroutinefunction(old):

                @functools.wraps(old)
                async def answer_async(*args: P.args, **named: P.kwargs) -> Any:
                    known = self._known(about, args, named)
                    return await self.acall(old, new, *args, about=known, **named)  # type: ignore[arg-type]

                return answer_async  # type: ignore[return-value]

            @functools.wraps(old)
            def answer(*args: P.args, **named: P.kwargs) -> T:
                return self.call(old, new, *args, about=self._known(about, args, named), **named)

            return answer

        return decorate

    def comparing(self, about: Context = NOBODY) -> Block:
        """Name both sides inside a `with` block, and ask for the answer."""
        return Block(self, about)

    def mirror(
        self,
        request: T,
        response: Any,
        new: Callable[[T], Any],
        *,
        began: float,
        about: Callable[[T], Context],
    ) -> None:
        """Compare an answer that has been given already: for middleware. Never raises, but `raise_on_mismatch` does."""
        known = self._known(about, (request,), {})
        mode = self._fixed_mode or self._mode_of(known)
        if mode.new_answers or not mode.runs_both:
            return
        inputs = self._inputs(known, (request,), {})
        if inputs is not None:
            self._hand_over(mode, new, new, inputs, response, None, began, known, True)

    def close(self, *, within: float = 3.0) -> None:
        """Finish what waits in the pool. The telemetry is closed by whoever made it."""
        self._pool.close(within=within)

    # -- on the caller's time: bounded, and nothing raises ---------------------------------------------------

    def _known(self, about: Callable[..., Context] | None, args: Any, named: Any) -> Context:
        if about is None:
            return NOBODY
        try:
            return about(*args, **named)
        except Exception as problem:  # noqa: BLE001, RUF100
            self._fail(problem)
            return NOBODY

    def _mode_of(self, about: Context) -> Mode:
        try:
            said: Any = self._read_mode(about) if self._read_mode else Mode.OFF
            return said if isinstance(said, Mode) else Mode(said)
        except Exception as problem:  # noqa: BLE001, RUF100
            self._fail(problem)
            return Mode.OFF

    def _inputs(self, about: Context, args: Any, named: Any) -> Any:
        """The inputs for the other side, taken before anybody can change them; None when it does not run."""
        try:
            if self._share != 1.0 and not self._is_drawn(about):
                return None
            if self._breaker.is_open and not self._breaker.lets_through():
                self._skipped["resting"] += 1
                return None
            return packed((args, named)) if self._course.is_copied else (args, named)
        except NotCarried as problem:
            self._skip_uncopied(problem)
        except Exception as problem:  # noqa: BLE001, RUF100
            self._fail(problem)
        return None

    def _is_drawn(self, about: Context) -> bool:
        share = self._share(about) if callable(self._share) else self._share
        return share >= 1.0 or is_sampled(share, _key_of(about), self.name)

    def _hand_over(
        self,
        mode: Mode,
        old: Callable[..., Any],
        beside: Callable[..., Any],
        inputs: Any,
        answer: Any,
        error: BaseException | None,
        began: float,
        about: Context,
        is_replay: bool = False,
    ) -> None:
        """Leave the call to the pool. Every line here is on the caller's time; `Job` works out the rest later."""
        try:
            ended = perf_counter()
            is_noise = bool(self._noise) and not is_replay and self._is_noise(mode)
            job = Job(
                self._course,
                old if is_noise else beside,
                inputs,
                packed(answer) if self._course.is_copied and error is None else answer,
                error,
                began,
                ended,
                mode,
                about,
                is_noise,
                is_replay,
                open_trace_id() if "opentelemetry.trace" in modules else "",
            )
            if not self._pool.submit(job):
                self._skipped["full"] += 1
        except Mismatch:
            raise
        except NotCarried as problem:
            self._skip_uncopied(problem)
        except Exception as problem:  # noqa: BLE001, RUF100
            self._fail(problem)

    def _is_noise(self, mode: Mode) -> bool:
        return not mode.new_answers and random() < self._noise  # noqa: S311

    def _skip_uncopied(self, problem: NotCarried) -> None:
        self._skipped["not_copied"] += 1
        self._complain(
            f"a call was not compared: {problem}. Give the sides plainer inputs, or pass copy=SHARED if none of"
            " them changes its inputs"
        )

    def _fail(self, problem: Exception) -> None:
        self._skipped["failed"] += 1
        self._complain(f"a call was not compared: {type(problem).__name__}: {problem}")

    def _complain(self, words: str) -> None:
        if not self._complained:
            self._complained = True
            with suppress(Exception):
                _log.warning("%s: %s; more like it are counted silently", self.name, words)

    # -- on the pool's time ----------------------------------------------------------------------------------

    def _came_back(self, job: Job, comparison: Comparison) -> None:
        about = About(
            job.mode,
            job.about,
            self._flag,
            self._version,
            job.answered_ms,
            time() - (perf_counter() - job.ended),
            job.is_noise,
            trace_id(job.about, job.open_trace),
        )
        self._counts["compared"] += 1
        self._counts["different"] += comparison.differs
        if not comparison.verdict.burdens:
            self._breaker.went_well()
        elif self._breaker.failed():
            _log.warning(
                "%s: the other side rests for %g s after %d failures in a row (%s); answers are as before",
                self.name,
                self._breaker.rest_seconds,
                self._breaker.after,
                comparison.says,
            )
        try:
            self._report.tell(comparison, about, self._newly_skipped())
        except Exception:
            self._counts["untold"] += 1
            _log.exception("%s: a comparison could not be told", self.name)
        if self._raises and comparison.differs:
            raise Mismatch(self.name, comparison)

    def _newly_skipped(self) -> Mapping[str, int]:
        with self._skipping:
            new = {why: n - self._told[why] for why, n in self._skipped.items() if n > self._told[why]}
            self._told = {why: self._told[why] + new.get(why, 0) for why in self._told}
        return new


def _key_of(about: Context) -> str:
    return str(about.get("case") or about.get("targetingKey") or "")
