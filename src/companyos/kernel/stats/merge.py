"""Several guardrail signals as one: the weighted mean of their evidence on one shared clock.

The mean of e-processes is one again, however much they depend on each other (Vovk and Wang 2021). Their product is
not: a fault of the measurement shows in all signals at once and would count once for each.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from companyos.kernel.frozen_state import keeps


@keeps
class Signal(StrEnum):
    ERROR = "error"
    LATENCY = "latency"  # slower than a limit fixed before the start (`slow_limit`)
    ABANDONMENT = "abandonment"
    SHADOW_MISMATCH = "shadow mismatch"
    HUMAN_REPORTS = "human reports"


WEIGHTS = {
    Signal.ERROR: 0.4,
    Signal.LATENCY: 0.15,
    Signal.ABANDONMENT: 0.15,
    Signal.SHADOW_MISMATCH: 0.15,
    Signal.HUMAN_REPORTS: 0.15,
}


class MergedEvidence:
    """The merged evidence of one stage. Which signals count is said before the stage, never during it."""

    def __init__(self, signals: Iterable[Signal] = tuple(Signal)) -> None:
        """The weights of `signals` are scaled to sum to 1. Raises ValueError when there is none."""
        self._latest = dict.fromkeys(signals, 1.0)
        if not self._latest:
            raise ValueError("name at least one signal: without any there is no evidence to merge")
        total = sum(WEIGHTS[signal] for signal in self._latest)
        self._weights = {signal: WEIGHTS[signal] / total for signal in self._latest}

    def take(self, signal: Signal, evidence: float) -> float:
        """Set one signal's evidence and return the merged; a signal that sends nothing keeps its last.

        Raises ValueError, and changes nothing, for evidence that is no number or below 0, and for a signal that
        was not named before.
        """
        if not evidence >= 0:
            raise ValueError(f"evidence of {evidence} for {signal} is no evidence; the last one stays")
        if signal not in self._latest:
            raise ValueError(
                f"{signal} is no signal of this stage; a stage's signals are named before it starts"
            )
        self._latest[signal] = evidence
        return self.evidence

    @property
    def evidence(self) -> float:
        return sum(self._weights[signal] * latest for signal, latest in self._latest.items())

    def shares(self) -> dict[Signal, float]:
        """Return what each signal adds to the merged evidence, for people to read."""
        return {signal: self._weights[signal] * latest for signal, latest in self._latest.items()}
