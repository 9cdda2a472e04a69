"""The facts of the running guardrails: what is compared, how strong the evidence is, whether it may be believed."""

from __future__ import annotations

from typing import Any, Protocol

from companyos.adoption.telemetry.domain.reading import Reading, SignalReading
from companyos.kernel.evidence import Fact, Question


class Watches(Protocol):
    """Whoever holds the guardrails of the running stages (`rollouts.jobs.Controller`)."""

    def reading(self, question: Question) -> Reading | None: ...
    def silence(self, question: Question) -> str: ...
    def doubt(self, question: Question) -> str: ...
    def could_catch(self, question: Question) -> str: ...


class GuardrailEvidence:
    """Answers gates' questions about guardrails from their state in memory: no query, whatever the load."""

    def __init__(self, watches: Watches) -> None:
        self._watches = watches

    def task_failed(self, question: Question) -> Fact:
        """Evidence that the feature harms the people newly on, merged over the stage's signals."""
        reading = self._watches.reading(question)
        if reading is None:
            return Fact("telemetry.task_failed", problem="the guardrail has not begun to watch this stage")
        return Fact(
            "telemetry.task_failed",
            round(reading.evidence, 4),
            None,
            None,
            reading.exposed_tasks,
            "to 1",
            "since this stage began",
            f"guardrail {reading.comparison}",
            reading.problem,
            {
                **_told(reading),
                "people": len(question.newly_on),
                "silent": self._watches.silence(question),
                "recount": self._watches.doubt(question),
                "catches": self._watches.could_catch(question),
            },
        )

    def roster(self, question: Question) -> Fact:
        """Whether people are where the plan put them: tasks on the new path, and by whom."""
        reading = self._watches.reading(question)
        if reading is None:
            return Fact("telemetry.roster", problem="the guardrail has not begun to watch this stage")
        return Fact(
            "telemetry.roster",
            float(not reading.roster),
            n=reading.exposed_tasks,
            window="since this stage began",
            source=f"guardrail {reading.comparison}",
            problem=reading.roster,
        )


def _told(reading: Reading) -> dict[str, Any]:
    return {
        "comparison": str(reading.comparison),
        "signals": {each.signal.value: _signal(each) for each in reading.signals},
        "roster": reading.roster,
        "exposed_sessions": reading.exposed_sessions,
        "most_sessions": reading.most_sessions,
        "expected_sessions": round(reading.expected_sessions, 3),
        "safe": reading.safe,
        "probability_safe": round(reading.probability_safe, 4),
        "limit": round(reading.limit, 3),
        "effect": [_figure(x) for x in (reading.effect, reading.effect_low, reading.effect_high)],
        "own_evidence": round(reading.own_evidence, 4),
        "own_sessions": reading.own_sessions,
        "own_expected": round(reading.own_expected, 3),
        "without_best_day": round(reading.without_best_day, 4),
        "confirmed": reading.confirmed,
    }


def _signal(each: SignalReading) -> dict[str, Any]:
    return {
        "evidence": round(each.evidence, 4),
        "share": round(each.share, 4),
        "exposed_sessions": each.exposed_sessions,
        "expected_sessions": round(each.expected_sessions, 3),
        "problem": each.problem,
    }


def _figure(value: float) -> float | None:
    """A fact is kept as JSON, which knows no infinity."""
    return round(value, 3) if abs(value) < 1e9 else None
