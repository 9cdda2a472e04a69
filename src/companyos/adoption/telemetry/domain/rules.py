"""The four comparisons of a stage behind one shape: take a session, say how strong the evidence of harm is.

Each keeps what it was told in a diary. The diary is small (a stage has a few hundred sessions) and is the rule's whole
state: whoever reads it back gets the same figures to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from companyos.kernel.stats.conditional import MIN_EXPOSED_PEOPLE, MIN_TREATED_ERRORS, Conditional
from companyos.kernel.stats.did_split import (
    CERTAIN_AT,
    MIN_EXPOSED_SESSIONS,
    SECOND_DAY_AT,
    DidSplit,
)
from companyos.kernel.stats.effect import MIN_EXPOSED_TASKS, Effect, harmful_ratio, safe_to_advance
from companyos.kernel.stats.expected_errors import log_offset
from companyos.kernel.stats.ratio_evidence import RatioEvidence
from companyos.kernel.stats.switchback import Switchback

SAFE_CONFIDENCE = 0.9  # two-sided: each end holds at 95 %


@dataclass(frozen=True, slots=True)
class Sides:
    """What both sides of a comparison have done by now today."""

    ours: float  # sessions expected of the exposed
    theirs: float
    people_on: int  # seen at work in this stage
    people_off: int


@dataclass(frozen=True, slots=True)
class Safe:
    """Whether harm is ruled out, with the numbers that say so."""

    safe: bool
    probability: float  # 0.95 where an interval says so instead
    limit: float
    effect: float
    low: float
    high: float


class Rule(Protocol):
    """One signal's comparison."""

    @property
    def evidence(self) -> float: ...
    @property
    def exposed_sessions(self) -> int: ...
    @property
    def expected_sessions(self) -> float: ...
    @property
    def fewest(self) -> int:
        """Exposed sessions below which nothing is taken back."""
        ...

    def begin_stage(self) -> None: ...
    def begin_day(self) -> None: ...
    def take(self, *, person: str, day: date, on: bool, sides: Sides) -> None: ...
    def without_best_day(self) -> float: ...
    def safe(self, *, baseline: float, tasks: int, harm: float) -> Safe: ...
    def diary(self) -> Any: ...
    def read(self, diary: Any) -> None: ...


class TeamSplit:
    """Every team its own control (`kernel.stats.did_split`)."""

    fewest = MIN_EXPOSED_SESSIONS

    def __init__(self, days: Sequence[Sequence[tuple[bool, float]]]) -> None:
        """`days` are those before exposure: for each session, was it theirs, and the day's log offset."""
        self._before = [[(bool(ours), float(offset)) for ours, offset in day] for day in days]
        self._rule = DidSplit()
        for day in self._before:
            self._rule.learn_day(day)
        self.begin_stage()

    def begin_stage(self) -> None:
        self._rule.begin_stage()
        self._effect: Effect | None = None
        self._without: float | None = None
        self._days: list[list[tuple[bool, float]]] = [[]]

    def begin_day(self) -> None:
        self._without = None
        self._rule.begin_day()
        if self._days[-1]:
            self._days.append([])

    def take(self, *, person: str, day: date, on: bool, sides: Sides) -> None:
        self._take(on, log_offset(sides.ours, sides.theirs))

    def _take(self, on: bool, offset: float) -> None:
        self._rule.take(on, offset)
        self._effect = self._without = None
        self._days[-1].append((on, offset))

    @property
    def evidence(self) -> float:
        return self._rule.evidence

    @property
    def exposed_sessions(self) -> int:
        return self._rule.exposed_sessions

    @property
    def expected_sessions(self) -> float:
        return self._rule.expected_sessions

    def without_best_day(self) -> float:
        if self._without is None:
            self._without = self._rule.without_best_day()
        return self._without

    def effect(self) -> Effect:
        if self._effect is None:
            self._effect = self._rule.effect()
        return self._effect

    def safe(self, *, baseline: float, tasks: int, harm: float) -> Safe:
        effect = self.effect()
        judged = safe_to_advance(effect, baseline_rate=baseline, exposed_tasks=tasks, points_of_harm=harm)
        interval = effect.interval(SAFE_CONFIDENCE)
        return Safe(
            judged.safe, judged.probability, judged.limit, interval.value, interval.low, interval.high
        )

    def diary(self) -> Any:
        return {"before": self._before, "days": self._days}

    def read(self, diary: Any) -> None:
        self.__init__(diary["before"])  # type: ignore[misc]
        for day in diary["days"]:
            self.begin_day()
            for on, offset in day:
                self._take(bool(on), offset)


class _Drawn:
    """What both rules of drawn people share: one row of (on, share) by day, and its ratio."""

    fewest = MIN_TREATED_ERRORS

    def __init__(self) -> None:
        self.begin_stage()

    def begin_stage(self) -> None:
        self._days: list[list[tuple[str, str, bool, float]]] = [[]]
        self._erred: set[tuple[str, str]] = set()
        self.exposed_sessions, self.expected_sessions = 0, 0.0

    def begin_day(self) -> None:
        if self._days[-1]:
            self._days.append([])

    def _note(self, person: str, day: str, on: bool, share: float) -> None:
        self._days[-1].append((person, day, on, share))
        self.exposed_sessions += on
        self.expected_sessions += share

    def without_best_day(self) -> float:
        """The evidence without the day that speaks most for harm."""
        without = []
        for left_out in range(len(self._days)):
            split = RatioEvidence()
            for place, day in enumerate(self._days):
                for _, _, on, share in day if place != left_out else ():
                    split.take(on, share)
            without.append(split.evidence)
        return min(without)

    def safe(self, *, baseline: float, tasks: int, harm: float) -> Safe:
        interval = self._split().ratio(SAFE_CONFIDENCE)
        limit = harmful_ratio(baseline, harm)
        safe = interval.high <= limit and tasks >= MIN_EXPOSED_TASKS
        return Safe(safe, 0.95, limit, interval.value, interval.low, interval.high)

    def _split(self) -> RatioEvidence:
        split = RatioEvidence()
        for day in self._days:
            for _, _, on, share in day:
                split.take(on, share)
        return split

    def diary(self) -> Any:
        return self._days

    def read(self, diary: Any) -> None:
        self.begin_stage()
        for day in diary:
            self.begin_day()
            for person, at, on, share in day:
                self._count(person, at, bool(on), share)

    def _count(self, person: str, day: str, on: bool, share: float) -> None:
        raise NotImplementedError


class RandomisedSplit(_Drawn):
    """People drawn by lot: the first session of each person in the stage, at the share that is on by then."""

    def begin_stage(self) -> None:
        super().begin_stage()
        self._rule = Conditional()

    @property
    def evidence(self) -> float:
        return self._rule.evidence

    def take(self, *, person: str, day: date, on: bool, sides: Sides) -> None:
        share = sides.people_on / (sides.people_on + sides.people_off)
        self._count(person, day.isoformat(), on, share)

    def _count(self, person: str, day: str, on: bool, share: float) -> None:
        if (person, "") in self._erred:
            return
        self._rule.take(actor=person, treated=on, share=share)
        self._erred.add((person, ""))
        self._note(person, day, on, share)


class SwitchbackSplit(_Drawn):
    """Each person's day on or off by lot: the first session of each person's day."""

    def __init__(self, on_share: float) -> None:
        self._share = on_share
        super().__init__()

    def begin_stage(self) -> None:
        super().begin_stage()
        self._rule = Switchback(on_share=self._share)

    @property
    def evidence(self) -> float:
        return self._rule.evidence

    def take(self, *, person: str, day: date, on: bool, sides: Sides) -> None:
        self._count(person, day.isoformat(), on, self._share)

    def _count(self, person: str, day: str, on: bool, share: float) -> None:
        if (person, day) in self._erred:
            return
        self._rule.take(person=person, day=date.fromisoformat(day), on=on)
        self._erred.add((person, day))
        self._note(person, day, on, share)


class NoSplit:
    """Nobody to compare with: the people's own weeks are all there is, and this side stays silent."""

    evidence, exposed_sessions, expected_sessions, fewest = 1.0, 0, 0.0, MIN_EXPOSED_SESSIONS

    def begin_stage(self) -> None: ...
    def begin_day(self) -> None: ...
    def take(self, *, person: str, day: date, on: bool, sides: Sides) -> None: ...

    def without_best_day(self) -> float:
        return 1.0

    def safe(self, *, baseline: float, tasks: int, harm: float) -> Safe:
        return Safe(False, 0.0, harmful_ratio(baseline, harm), 1.0, 0.0, float("inf"))

    def diary(self) -> Any:
        return None

    def read(self, diary: Any) -> None: ...


def enough_people(on: int) -> str:
    """Say why a draw of people is too small to take anything back; empty when it is not."""
    if on >= MIN_EXPOSED_PEOPLE:
        return ""
    return f"no comparison group: {on} people are on, a draw needs {MIN_EXPOSED_PEOPLE}"


def is_confirmed(evidence: float, without_best_day: float) -> bool:
    """Tell whether a second day agrees, or one day is beyond doubt (`confirm: two_days`)."""
    return evidence >= CERTAIN_AT or without_best_day >= SECOND_DAY_AT
