"""The process in which candidates run: reads jobs from its input, writes comparisons to its output.

Started by `ProcessPool` as `python -m companyos_sdk.shadow.child`; it has none of the program's connections and locks.
"""

from __future__ import annotations

import os
import sys

from companyos_sdk.shadow.priority import give_way, step_back

if __name__ == "__main__" and hasattr(os, "nice"):
    step_back(int(sys.argv[1]))  # before anything heavy is loaded: starting steps back, too

import pickle
import threading
from contextlib import suppress
from time import sleep
from typing import Any, BinaryIO

from companyos_sdk.shadow.carry import unpacked
from companyos_sdk.shadow.frames import read_frame, write_frame
from companyos_sdk.shadow.job import run_beside
from companyos_sdk.shadow.outcome import Comparison, Returned, Terms, Verdict, unanswered

_NICEST = 19
_LOOK_EVERY = 0.5  # seconds
_SMALL_STACK = 256 * 1024  # counts towards what the candidate may use


def main() -> None:
    """Serve until the input ends."""
    threading.stack_size(_SMALL_STACK)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    threading.stack_size(0)  # the usual one again, for the candidate's
    jobs, comparisons = _own_pipes()
    settings = pickle.loads(read_frame(jobs))  # noqa: S301  (the parent's own words)
    sys.path[:] = settings["path"]
    _be_modest(settings["memory_bytes"])
    terms: Terms = pickle.loads(settings["terms"])  # noqa: S301
    if settings["nice"] >= _NICEST:
        give_way()
    with suppress(EOFError, BrokenPipeError):  # the program has ended, or given us up
        write_frame(comparisons, b"ready")
        while True:
            comparison = _answer(read_frame(jobs), terms, settings["timeout_seconds"])
            write_frame(comparisons, pickle.dumps(comparison))


def _answer(frame: bytes, terms: Terms, timeout_seconds: float) -> Comparison:
    try:
        side, inputs, answer, error, ms, guarded, flipped = pickle.loads(frame)  # noqa: S301
        args, named = unpacked(inputs)
        answered = Returned(None if error else unpacked(answer), error, ms)
    except Exception as problem:  # noqa: BLE001, RUF100
        return unanswered(Verdict.TOO_LARGE, f"the job cannot be read there: {problem}"[:300], None)
    return run_beside(side, args, named, answered, terms, guarded, flipped, timeout_seconds)


def _end_with(program: int) -> None:
    """End when the program has ended, also in the middle of a candidate that never would."""
    while os.getppid() == program:
        sleep(_LOOK_EVERY)
    os._exit(0)


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep both pipes for ourselves: what a candidate prints goes to the error output."""
    jobs, comparisons = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return jobs, comparisons


def _be_modest(memory_bytes: int) -> None:
    with suppress(ImportError, OSError, ValueError):
        import resource

        limits: Any = resource
        limits.setrlimit(limits.RLIMIT_AS, (memory_bytes, memory_bytes))
        limits.setrlimit(limits.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
