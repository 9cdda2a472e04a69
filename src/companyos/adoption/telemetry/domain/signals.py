"""The signals of one stage, each with its rule, and their evidence merged on one clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from companyos.adoption.telemetry.domain.comparison import MEASURED, Comparison
from companyos.adoption.telemetry.domain.day_book import Day
from companyos.adoption.telemetry.domain.people import Who
from companyos.adoption.telemetry.domain.reading import SignalReading
from companyos.adoption.telemetry.domain.rules import Sides, is_confirmed
from companyos.adoption.telemetry.domain.tracker import Tracker
from companyos.kernel.stats.did_split import MIN_EXPOSED_SESSIONS, ROLL_BACK_AT
from companyos.kernel.stats.merge import MergedEvidence, Signal
from companyos.kernel.stats.pair_evidence import AT_MOST, pair_evidence


class Pairs(NamedTuple):
    """What a shadow run has counted in this stage: pairs, and those that differ for no explained reason."""

    unexplained: int = 0
    compared: int = 0

    @property
    def evidence(self) -> float:
        return pair_evidence(self.unexplained, self.compared)


class Signals:
    """Holds a tracker for each signal read off people's work; the first named leads the page's sentence.

    A shadow's mismatch has none: its pairs are counted where they are explained, and told here (`hear`).
    """

    def __init__(self, comparison: Comparison, days: Mapping[date, Day], who: Who) -> None:
        self._named = comparison.signals
        self.measured = tuple(signal for signal in comparison.signals if signal in MEASURED)
        self._trackers = {signal: Tracker.learned(signal, days, who, comparison) for signal in self.measured}
        self._merges = tuple(s for s in comparison.signals if s in MEASURED or s is Signal.SHADOW_MISMATCH)
        self.pairs = Pairs()
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
        sessions = max(each.rule.exposed_sessions for each in self._trackers.values())
        return max(sessions, self.pairs.unexplained if self._hears else 0)

    @property
    def enough_sessions(self) -> bool:
        if self._hears and self.pairs.unexplained >= MIN_EXPOSED_SESSIONS:
            return True
        return any(each.rule.exposed_sessions >= each.rule.fewest for each in self._trackers.values())

    @property
    def _hears(self) -> bool:
        return Signal.SHADOW_MISMATCH in self._merges

    @property
    def confirmed(self) -> bool:
        """Asked only when it matters: looking at every day anew takes time."""
        return self.evidence >= ROLL_BACK_AT and is_confirmed(self.evidence, self.without_best_day())

    def begin_stage(self) -> None:
        for tracker in self._trackers.values():
            tracker.begin_stage()
        self._merged = MergedEvidence(self._merges)
        self.hear(self.pairs)

    def hear(self, pairs: Pairs) -> None:
        """Take what a shadow run has counted; nothing where the stage does not name it as a signal."""
        self.pairs = pairs
        if self._hears:
            self._merged.take(Signal.SHADOW_MISMATCH, pairs.evidence)

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
        merged = MergedEvidence(self._merges)
        for signal, tracker in self._trackers.items():
            merged.take(signal, tracker.rule.without_best_day())
        return merged.evidence

    def readings(self, *, unlimited: str) -> Iterator[SignalReading]:
        """Yield what each named signal says; `unlimited` is why nobody knows what is slow."""
        shares = self._merged.shares()
        for signal in self._named:
            tracker = self._trackers.get(signal)
            if tracker is None:
                yield self._of_pairs(shares[signal])
                continue
            rule, problem = tracker.rule, unlimited if signal is Signal.LATENCY else ""
            yield SignalReading(
                signal, rule.evidence, shares[signal], rule.exposed_sessions, rule.expected_sessions, problem
            )

    def _of_pairs(self, share: float) -> SignalReading:
        bad, n = self.pairs
        problem = "" if n else "no pair was compared in shadow in this stage"
        return SignalReading(Signal.SHADOW_MISMATCH, self.pairs.evidence, share, bad, n * AT_MOST, problem)

    def state(self) -> dict[str, Any]:
        trackers = {signal.name: each.state() for signal, each in self._trackers.items()}
        return {**trackers, "pairs": list(self.pairs)}

    def restore(self, state: Mapping[str, Any]) -> None:
        for signal, tracker in self._trackers.items():
            tracker.restore(state[signal.name])
            self._merged.take(signal, tracker.rule.evidence)
        self.hear(Pairs(*state.get("pairs", ())))
