"""What one question may cost, and what a person reads when it would cost more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one question may take before the engine stops it."""

    seconds: float = 10.0
    memory: int = 1 << 30
    threads: int = 2
    rows: int = 1_000_000  # of the answer

    def settings(self) -> dict[str, str | int | float]:
        return {
            "max_execution_time": self.seconds,
            "max_memory_usage": self.memory,
            "max_threads": self.threads,
            "max_result_rows": self.rows,
            "do_not_merge_across_partitions_select_final": 1,
        }


A_PAGE = Limits()
A_JOB = Limits(seconds=120.0, memory=4 << 30)


class EngineError(Exception):
    """The event engine gave no answer; says why. Nothing acknowledged is lost by it."""


class TooSlow(EngineError):
    """The question was stopped because it took too long."""


class TooBig(EngineError):
    """The question was stopped because it took too much memory, or its answer is too long."""


class EngineAway(EngineError):
    """The event engine could not be reached."""


_ERRNO = re.compile(r"\[Errno -?\d+\] ([A-Za-z ]+)")
_STILL_WORKS = "Events go on being taken in, and other questions are answered."
_LOG_GOES_ON = "Events go on being acknowledged and wait in the inbox log; pages without figures work."
_SLOW, _MEMORY, _LONG = frozenset({159, 160}), frozenset({241}), frozenset({396})


@contextmanager
def in_plain_words(what: str, limits: Limits = A_PAGE) -> Iterator[None]:
    """Turn the client library's errors into ours. `what` names the question."""
    from clickhouse_connect.driver.exceptions import (
        Error,
        OperationalError,
    )  # heavy: only when an engine is open

    try:
        yield
    except OperationalError as error:
        if _code(error) is None:
            raise away(what, error) from None
        raise _refused(what, error, limits) from None
    except Error as error:
        raise _refused(what, error, limits) from None


def away(what: str, error: Exception, still: str = _LOG_GOES_ON) -> EngineAway:
    """The engine did not answer; or it did, and would not let us in."""
    reason = _first_line(error) if _code(error) else _network_reason(error)
    return EngineAway(
        f"{what} got no answer from the event engine: {reason}. {still}"
        " Check that the engine runs and that COMPANYOS_CLICKHOUSE_URL is right."
    )


def _refused(what: str, error: Exception, limits: Limits) -> EngineError:
    code = _code(error)
    if code in _SLOW:
        return TooSlow(
            f"{what} was stopped after {limits.seconds:g} s. {_STILL_WORKS}"
            " Ask for a shorter span or for fewer tenants."
        )
    if code in _MEMORY:
        return TooBig(
            f"{what} was stopped: it needs more than {limits.memory >> 20} MiB of memory. {_STILL_WORKS}"
            " Ask for a shorter span or for fewer tenants."
        )
    if code in _LONG:
        return TooBig(
            f"{what} was stopped: its answer has more than {limits.rows} rows. {_STILL_WORKS} Ask for a shorter span."
        )
    return EngineError(f"{what} failed in the event engine: {_first_line(error)}. {_STILL_WORKS}")


def _code(error: Exception) -> int | None:
    code = getattr(error, "code", None)
    return code if isinstance(code, int) else None


def _network_reason(error: Exception) -> str:
    """Without the address: it holds the question's parameters."""
    found = _ERRNO.search(str(error))
    return found[1].lower() if found else "the connection failed"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:300].rstrip(". ")
