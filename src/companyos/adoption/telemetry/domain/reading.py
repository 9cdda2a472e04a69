"""What a guardrail says at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from companyos.adoption.telemetry.domain.comparison import Compares
from companyos.kernel.stats.merge import Signal


@dataclass(frozen=True, slots=True)
class SignalReading:
    """One signal: its own evidence, and what it adds to the merged."""

    signal: Signal
    evidence: float
    share: float
    exposed_sessions: int
    expected_sessions: float
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the watch of a stage says now. Counts are of its first signal, evidence is merged over all."""

    comparison: Compares
    evidence: float
    exposed_sessions: int
    expected_sessions: float
    exposed_tasks: int
    most_sessions: int  # exposed sessions of the signal that has most
    safe: bool
    probability_safe: float
    limit: float
    effect: float
    effect_low: float
    effect_high: float
    problem: str  # why nothing is taken back automatically
    roster: str  # why decisions are suspended
    own_evidence: float
    own_sessions: int
    own_expected: float
    without_best_day: float
    confirmed: bool  # by a second day, or beyond doubt
    signals: tuple[SignalReading, ...]
