"""The guardrail of one stage: takes each task and error as it comes and says how strong the evidence of harm is.

It compares the people whom the stage put on with those still off, each team against its own days before
(`kernel.stats.did_split`). Where nobody is off, the people's own days are all there is (`own_baseline`).
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from companyos.adoption.telemetry.domain.day_book import Baseline, Day, DayBook, Seen, offset_of_day
from companyos.kernel.error_sessions import ErrorSessions
from companyos.kernel.stats.did_split import (
    MIN_PRE_DAYS,
    MIN_PRE_SESSIONS,
    MIN_UNEXPOSED_PEOPLE,
    DidSplit,
)
from companyos.kernel.stats.effect import Effect, safe_to_advance
from companyos.kernel.stats.expected_errors import log_offset
from companyos.kernel.stats.own_baseline import OwnBaseline

PRE_DAYS = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What the watch says now."""

    evidence: float
    exposed_sessions: int
    expected_sessions: float
    exposed_tasks: int
    safe: bool
    probability_safe: float
    limit: float
    effect: float
    effect_low: float
    effect_high: float
    problem: str
    own_evidence: float
    own_sessions: int
    own_expected: float
    without_best_day: float
    confirmed: bool  # by a second day, or beyond doubt


class Watch:
    """State of one stage's guardrail. Deterministic in the events' (time, id) order; late events are re-sorted."""

    def __init__(
        self,
        book: DayBook,
        team_of: Mapping[str, str],
        *,
        exposed: frozenset[str],
        others: frozenset[str],
        since: datetime,
        first_exposed_on: date,
        confirm_two_days: bool = False,
    ) -> None:
        self._zone, self._team_of, self._since = book.zone, team_of, since
        self._exposed, self._others = exposed, others
        self._confirm_two_days = confirm_two_days
        self._rule, self._own = DidSplit(), OwnBaseline()
        days = book.before(first_exposed_on, most=PRE_DAYS)
        self._baseline = Baseline.of(days.values(), team_of)
        self._pre_days, self._pre_sessions = len(days), sum(len(day.sessions) for day in days.values())
        for when, day in days.items():
            self._learn(day, Baseline.of(_other_weeks(days, when), team_of))
        self._rows: list[Seen] = []
        self._begin()

    def take(self, seen: Seen) -> None:
        """Take one event. One that comes late is put where it belongs and the stage is counted again."""
        if seen.time < self._since or not self._concerns(seen):
            return
        if self._rows and seen < self._rows[-1]:
            insort(self._rows, seen)
            self._begin()
            for each in self._rows:
                self._count(each)
            return
        self._rows.append(seen)
        self._count(seen)

    @property
    def breached(self) -> bool:
        """Tell whether the evidence is enough to take people back; cheap, asked at every event."""
        return self._rule.rolls_back(confirm_two_days=self._confirm_two_days) and not self._problem()

    def effect(self) -> Effect:
        """Return how many times as often people err in this stage as without the feature."""
        return self._rule.effect()

    def reading(self) -> Reading:
        effect = self._rule.effect()
        interval = effect.interval(0.9)
        baseline = min(1.0, self._baseline.overall)
        safety = safe_to_advance(effect, baseline_rate=baseline, exposed_tasks=self._exposed_tasks)
        return Reading(
            self._rule.evidence,
            self._rule.exposed_sessions,
            self._rule.expected_sessions,
            self._exposed_tasks,
            safety.safe,
            safety.probability,
            safety.limit,
            interval.value,
            interval.low,
            interval.high,
            self._problem(),
            self._own_evidence,
            self._own_sessions,
            self._own_expected + self._ours,
            self._rule.without_best_day(),
            self._rule.rolls_back(confirm_two_days=True),
        )

    def _learn(self, day: Day, baseline: Baseline) -> None:
        ours = [
            person in self._exposed for person, _ in day.sessions if person in self._exposed | self._others
        ]
        offset = offset_of_day(day, baseline, self._team_of, self._exposed, self._others)
        if offset is not None:
            self._rule.learn_day([(exposed, offset) for exposed in ours])
        expected = sum(
            baseline.expected(self._team_of.get(person, ""), kinds)
            for person, kinds in day.tasks.items()
            if person in self._exposed
        )
        if expected > 0:
            self._own.learn_day(sum(ours), expected)

    def _begin(self) -> None:
        self._rule.begin_stage()
        self._own.begin_stage()
        self._sessions = ErrorSessions(zone=self._zone)
        self._own_evidence = 1.0
        self._exposed_tasks = 0
        self._today: date | None = None
        self._own_sessions, self._own_expected = 0, 0.0
        self._ours = self._theirs = 0.0

    def _concerns(self, seen: Seen) -> bool:
        if seen.actor in self._exposed:
            return seen.path == "unified"
        return seen.actor in self._others and seen.path == "existing"

    def _count(self, seen: Seen) -> None:
        self._turn_to(seen.time.astimezone(self._zone).date())
        if not seen.failed:
            self._count_task(seen)
        elif self._sessions.opens_one(seen.actor, seen.time):
            self._waiting.append(seen.actor in self._exposed)
            if seen.actor in self._exposed:
                self._count_own_session()
        self._judge_waiting()

    def _count_own_session(self) -> None:
        self._own_sessions += 1
        if self._ours > 0:
            self._own_evidence = self._own.take(self._ours)

    def _turn_to(self, day: date) -> None:
        if day == self._today:
            return
        if self._today is not None:
            self._own.quiet_until(self._ours)
            self._own_expected += self._ours
        self._today = day
        self._rule.begin_day()
        self._own.begin_day()
        self._tasks: dict[str, Counter[str]] = defaultdict(Counter)
        self._ours = self._theirs = 0.0
        self._waiting: list[bool] = []
        self._active_others: set[str] = set()

    def _count_task(self, seen: Seen) -> None:
        kinds, team = self._tasks[seen.actor], self._team_of.get(seen.actor, "")
        before = self._baseline.expected(team, kinds)
        kinds[seen.kind] += 1
        more = self._baseline.expected(team, kinds) - before
        if seen.actor in self._exposed:
            self._ours += more
            self._exposed_tasks += 1
        else:
            self._theirs += more
            self._active_others.add(seen.actor)

    def _judge_waiting(self) -> None:
        """Compare error sessions only while enough unexposed people are at work; until then they wait."""
        if not self._waiting or len(self._active_others) < MIN_UNEXPOSED_PEOPLE or self._ours <= 0:
            return
        for exposed in self._waiting:
            self._rule.take(exposed, log_offset(self._ours, self._theirs))
        self._waiting.clear()

    def _problem(self) -> str:
        if len(self._others) < MIN_UNEXPOSED_PEOPLE:
            return "no comparison group: nearly everybody is on"
        if self._pre_days < MIN_PRE_DAYS:
            return f"no comparison group: {self._pre_days} days before exposure, {MIN_PRE_DAYS} are needed"
        if self._pre_sessions < MIN_PRE_SESSIONS:
            return f"no comparison group: {self._pre_sessions} errors before exposure, {MIN_PRE_SESSIONS} are needed"
        return ""


def _other_weeks(days: Mapping[date, Day], when: date) -> list[Day]:
    """Return the days outside the week of `when`; with one week only, all of them."""
    week = when.isocalendar()[:2]
    return [day for at, day in days.items() if at.isocalendar()[:2] != week] or list(days.values())
