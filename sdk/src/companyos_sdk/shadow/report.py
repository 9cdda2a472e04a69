"""Tells what came of comparisons: a structured log line, and an event on the SDK's way to the server.

Every comparison is one small event, so that the server can count; only the first few of each class of differences carry
an example. The log says a class the first time, the tenth, the hundredth. While the server is away, events wait in
the telemetry's spool.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol

from companyos_sdk.shadow.modes import Mode
from companyos_sdk.shadow.outcome import Comparison, Verdict

_log = logging.getLogger("companyos_sdk.shadow")

COMPARED = "shadow_compared"
NOISE = "shadow_noise"
_MOST_CLASSES = 500
_MOST_EXAMPLE_BYTES = 20_000  # an event takes 30,000
_EXAMPLES_LAST_SECONDS = 3600.0


class Sends(Protocol):
    """What of `Telemetry` is needed."""

    def send(self, name: str, **parts: Any) -> None: ...


@dataclass(slots=True, eq=False)  # not frozen: that would cost the caller some microseconds
class About:
    """What is known of the call that was compared."""

    mode: Mode
    context: Mapping[str, Any]
    flag: str
    version: str
    answered_ms: float
    at: float  # seconds since 1970
    is_noise: bool
    trace: str


@dataclass(slots=True)
class _Class:
    count: int = 0
    examples: int = 0


class Report:
    """Counts classes of differences, and tells."""

    def __init__(
        self,
        name: str,
        *,
        feature: str,
        telemetry: Sends | None,
        examples: int,
        log: logging.Logger | None = None,
    ) -> None:
        self._name, self._feature, self._telemetry = name, feature, telemetry
        self._most_examples, self._log = examples, log or _log
        self._classes: dict[str, _Class] = {}
        self._forget_at = monotonic() + _EXAMPLES_LAST_SECONDS
        self._lock = threading.Lock()

    def wants(self, signature: str) -> bool:
        """Tell whether the next difference of a class is told with an example."""
        known = self._classes.get(signature)
        return known is None or known.examples < self._most_examples

    def tell(self, comparison: Comparison, about: About, skipped: Mapping[str, int]) -> None:
        """Tell one comparison. Never raises for want of a server."""
        with_example = False
        if comparison.differs:
            count, with_example = self._counted(comparison.signature)
            if _is_power_of_ten(count):
                self._say(comparison, about, count)
        if self._telemetry is not None:
            self._send(comparison, about, skipped, with_example)

    def _counted(self, signature: str) -> tuple[int, bool]:
        with self._lock:
            if monotonic() >= self._forget_at or len(self._classes) >= _MOST_CLASSES:
                self._classes, self._forget_at = {}, monotonic() + _EXAMPLES_LAST_SECONDS
            known = self._classes.setdefault(signature, _Class())
            known.count += 1
            if known.examples >= self._most_examples:
                return known.count, False
            known.examples += 1
            return known.count, True

    def _say(self, comparison: Comparison, about: About, count: int) -> None:
        level = logging.ERROR if comparison.verdict is Verdict.SIDE_EFFECT else logging.WARNING
        what = comparison.says or ", ".join(comparison.places[:5])
        often = f" ({count} times by now)" if count > 1 else ""
        kind = "control differs from itself" if about.is_noise else f"shadow {comparison.verdict}"
        self._log.log(
            level,
            "%s: %s: %s%s",
            self._name,
            kind,
            what,
            often,
            extra={"shadow": {**self._props(comparison, about), "shadow.example": _example(comparison)}},
        )

    def _send(
        self, comparison: Comparison, about: About, skipped: Mapping[str, int], with_example: bool
    ) -> None:
        props = self._props(comparison, about)
        if skipped:
            props["shadow.skipped"] = dict(skipped)
        if with_example:
            props["shadow.example"] = _example(comparison)
        case = str(about.context.get("case") or "")
        if self._telemetry is None:
            return
        self._telemetry.send(
            NOISE if about.is_noise else COMPARED,
            context=about.context,
            feature=self._feature,
            kind=str(about.context.get("variant") or ""),
            case=case,
            task=self._name if case else "",
            value=float(comparison.differs),
            at=datetime.fromtimestamp(about.at, UTC),
            props=props,
        )

    def _props(self, comparison: Comparison, about: About) -> dict[str, Any]:
        times: tuple[float | None, float | None] = (about.answered_ms, comparison.ms)
        old, new = times[::-1] if about.mode.new_answers else times
        props = {
            "shadow.workflow": self._name,
            "shadow.variant": about.context.get("variant"),
            "shadow.verdict": str(comparison.verdict),
            "shadow.signature": comparison.signature or None,
            "shadow.places": list(comparison.places[:20]) or None,
            "shadow.severity": comparison.severity or None,
            "shadow.old_ms": None if old is None else round(old, 3),
            "shadow.new_ms": None if new is None else round(new, 3),
            "feature_flag.key": about.flag or None,
            "feature_flag.result.variant": str(about.mode),
            "service.version": about.version or None,
            "trace_id": about.trace or None,
        }
        return {name: each for name, each in props.items() if each is not None}


def _example(comparison: Comparison) -> dict[str, Any]:
    """Both sides of one comparison, cut until it fits into an event."""
    example = _whole_example(comparison)
    while len(json.dumps(example, default=str)) > _MOST_EXAMPLE_BYTES:
        if example["old"] is not None or example["new"] is not None:
            example["old"] = example["new"] = None
        elif example["fields"]:
            example["fields"] = example["fields"][: len(example["fields"]) // 2]
        else:
            return {"says": "too large to be shown"}
    return example


def _whole_example(comparison: Comparison) -> dict[str, Any]:
    return {
        "fields": [asdict(each) for each in comparison.fields],
        "old": comparison.control,
        "new": comparison.candidate,
        "input": comparison.input_hash,
        "tried": list(comparison.attempts),
        "says": comparison.says,
    }


def _is_power_of_ten(count: int) -> bool:
    return str(count).strip("0") == "1"


def trace_id(context: Mapping[str, Any], open_trace: str) -> str:
    """The trace that the call belongs to: the context's, or the one that was open when it was made."""
    said = context.get("trace_id")
    return said if isinstance(said, str) else open_trace


def open_trace_id() -> str:
    """OpenTelemetry's trace of whoever asks, where the program uses it."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return ""
    found: int = trace.get_current_span().get_span_context().trace_id
    return f"{found:032x}" if found else ""
