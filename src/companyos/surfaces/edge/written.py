"""OFREP's answers, written out once a ruleset: what a flag can say is known when it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from companyos.surfaces.edge.answers import encode
from companyos_sdk.evaluator import Compiled, ErrorCode, FlagSet, Resolution
from companyos_sdk.evaluator.code import IDLE, Rule

_STATUS: Mapping[str | None, int] = {None: 200, ErrorCode.FLAG_NOT_FOUND: 404}


class _Written(NamedTuple):
    """A flag's rule and its answers as bytes, by what the rule says. Without a rule `settled` is the answer."""

    key: str
    rule: Rule | None
    settled: bytes
    outcomes: Mapping[str | None, bytes]


class WrittenSet:
    """All answers of one flag set. What a rule seldom says, and what goes wrong, is left to the evaluator."""

    def __init__(self, flags: FlagSet) -> None:
        self._flags = flags
        self._written = {key: _written(key, flag) for key, flag in flags.compiled().items()}
        self._in_order = tuple(self._written.values())

    def one(self, key: str, context: Mapping[str, Any], now: float) -> tuple[int, bytes]:
        """Return the status and the answer for one flag."""
        known = self._written.get(key)
        content = known and _said(known, context)
        if content:
            return 200, content
        resolution = self._flags.evaluate(key, context, now=now)
        return _STATUS.get(resolution.error_code, 400), in_words(resolution)

    def every(self, context: Mapping[str, Any], now: float) -> bytes:
        """Return the answers for all flags, in the order of the set, separated by commas."""
        answers = []
        for flag in self._in_order:
            content = _said(flag, context)
            answers.append(content or in_words(self._flags.evaluate(flag.key, context, now=now)))
        return b",".join(answers)


def _said(flag: _Written, context: Mapping[str, Any]) -> bytes | None:
    if flag.rule is None:
        return flag.settled
    try:
        return flag.outcomes.get(flag.rule(context, IDLE))
    except Exception:
        return None


def in_words(resolution: Resolution) -> bytes:
    """Write one answer as OFREP has it, a success or a failure."""
    if resolution.error_code is None:
        return encode(_success(resolution))
    told = failure(resolution.key, ErrorCode(resolution.error_code), resolution.error_message or "")
    return encode({**told, "metadata": dict(resolution.metadata)})


def failure(flag: str, code: ErrorCode, details: str) -> dict[str, Any]:
    """Write OFREP's evaluation failure; without a flag its bulk failure."""
    named = {"key": flag} if flag else {}
    return {**named, "errorCode": str(code), "errorDetails": details}


def _success(resolution: Resolution) -> dict[str, Any]:
    """Write OFREP's evaluation success. Without a variant the value is left to the caller's code."""
    content = {"key": resolution.key, "reason": str(resolution.reason), "metadata": dict(resolution.metadata)}
    if resolution.variant is not None:
        content |= {"value": resolution.value, "variant": resolution.variant}
    return content


def _written(key: str, flag: Compiled) -> _Written:
    if flag.settled.error_code is not None or flag.needs_run:
        return _Written(key, _unsaid, b"", {})
    settled = in_words(flag.settled)
    outcomes: dict[str | None, bytes] = {name: in_words(found) for name, found in flag.outcomes.items()}
    return _Written(key, flag.rule, settled, outcomes | {None: settled})


def _unsaid(_context: Any, _run: Any) -> None:
    """Stands for a rule that reads the time or cannot be parsed: each answer is the evaluator's own."""
    return
