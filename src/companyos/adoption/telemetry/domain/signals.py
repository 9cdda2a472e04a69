"""The signals of one stage, each with its rule, and their evidence merged on one clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from companyos.adoption.telemetry.domain.comparison import MEASURED, Comparison
from companyos.adoption.telemetry.domain.day_book import Day
from companyos.adoption.telemetry.domain.people import Who
from companyos.adoption.telemetry.domain.reading import SignalReading
from companyos.adoption.telemetry.domain.rules import Sides, is_confirmed
from companyos.adoption.telemetry.domain.tracker import Tracker
from companyos.kernel.stats.did_split import ROLL_BACK_AT
from companyos.kernel.stats.merge import MergedEvidence, Signal


class Signals:
    """Holds a tracker for each signal that something here sends; the first named leads the page's sentence."""

    def __init__(self, comparison: Comparison, days: Mapping[date, Day], who: Who) -> None:
        self._named = comparison.signals
        self.measured = tuple(signal for signal in comparison.signals if signal in MEASURED)
        self._trackers = {signal: Tracker.learned(signal, days, who, comparison) for signal in self.measured}
        self.begin_stage()

    @property
    def lead(self) -> Tracker:
        return self._trackers[self.measured[0]]

    @property
    def loudest_alone(self) -> float:
        """The strongest evidence of people against their own weeks."""
        return max(each.own_evidence for each in self._trackers.values())

    @property
    def evidence(self) -> float:
        return self._merged.evidence

    @property
    def most_sessions(self) -> int:
        return max(each.rule.exposed_sessions for each in self._trackers.values())

    @property
    def enough_sessions(self) -> bool:
        return any(each.rule.exposed_sessions >= each.rule.fewest for each in self._trackers.values())

    @property
    def confirmed(self) -> bool:
        """Asked only when it matters: looking at every day anew takes time."""
        return self.evidence >= ROLL_BACK_AT and is_confirmed(self.evidence, self.without_best_day())

    def begin_stage(self) -> None:
        for tracker in self._trackers.values():
            tracker.begin_stage()
        self._merged = MergedEvidence(self.measured)

    def begin_day(self) -> None:
        for tracker in self._trackers.values():
            tracker.begin_day()

    def task(self, person: str, kind: str, on: bool) -> None:
        for tracker in self._trackers.values():
            tracker.task(person, kind, on)

    def happened(self, signal: Signal, person: str, *, on: bool) -> None:
        self._trackers[signal].happened(person, on=on)

    def waiting(self) -> Iterator[tuple[Signal, Tracker]]:
        """Yield the signals whose sessions wait for a comparison."""
        return ((signal, each) for signal, each in self._trackers.items() if each.waiting)

    def compare(self, signal: Signal, day: date, on: Mapping[str, bool], *, people: tuple[int, int]) -> None:
        """Let the rule hear of the sessions that waited; `people` are those on and off who were at work."""
        tracker = self._trackers[signal]
        sides = Sides(tracker.ours, tracker.theirs, *people)
        for person in tracker.waiting:
            tracker.rule.take(person=person, day=day, on=on[person], sides=sides)
        tracker.waiting.clear()
        self._merged.take(signal, tracker.rule.evidence)

    def without_best_day(self) -> float:
        """Merge each signal's evidence without its best day: careful, as their best days may differ."""
        merged = MergedEvidence(self.measured)
        for signal, tracker in self._trackers.items():
            merged.take(signal, tracker.rule.without_best_day())
        return merged.evidence

    def readings(self, *, unlimited: str) -> Iterator[SignalReading]:
        """Yield what each named signal says; `unlimited` is why nobody knows what is slow."""
        shares = self._merged.shares()
        for signal in self._named:
            tracker = self._trackers.get(signal)
            if tracker is None:
                yield SignalReading(signal, 1.0, 0.0, 0, 0.0, "not connected: nothing here sends it yet")
                continue
            rule, problem = tracker.rule, unlimited if signal is Signal.LATENCY else ""
            yield SignalReading(
                signal, rule.evidence, shares[signal], rule.exposed_sessions, rule.expected_sessions, problem
            )

    def state(self) -> dict[str, Any]:
        return {signal.name: each.state() for signal, each in self._trackers.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        for signal, tracker in self._trackers.items():
            tracker.restore(state[signal.name])
            self._merged.take(signal, tracker.rule.evidence)
