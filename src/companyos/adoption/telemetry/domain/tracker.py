"""One signal of a stage: what it should bring, what it brought, and the rule that compares the two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from companyos.adoption.telemetry.domain.comparison import Compares, Comparison
from companyos.adoption.telemetry.domain.day_book import Baseline, Day, offset_of_day
from companyos.adoption.telemetry.domain.people import Who
from companyos.adoption.telemetry.domain.rules import (
    NoSplit,
    RandomisedSplit,
    Rule,
    SwitchbackSplit,
    TeamSplit,
)
from companyos.kernel.frozen_state import frozen, thawed
from companyos.kernel.stats.effect import Effect
from companyos.kernel.stats.merge import Signal
from companyos.kernel.stats.own_baseline import OwnBaseline

_EXPOSED_SHARE_WITHOUT_HISTORY = 0.5
_KEPT = ("ours", "theirs", "waiting", "own_sessions", "own_evidence", "_own_expected", "_tasks")


class Tracker:
    """Counters of one signal. Everything a person did today is in the expectation: absence, load and mix."""

    def __init__(
        self,
        rule: Rule,
        baseline: Baseline,
        own_days: list[tuple[int, float]],
        pre_sessions: int,
        who: Who,
    ) -> None:
        """`own_days` are the exposed people's days before: sessions, and how many were expected."""
        self.rule, self._baseline, self._own_days, self.pre_sessions = rule, baseline, own_days, pre_sessions
        self._who = who
        self._learn_own()
        self.begin_stage()

    @classmethod
    def learned(cls, signal: Signal, days: Mapping[date, Day], who: Who, comparison: Comparison) -> Tracker:
        """Return the tracker after the days before exposure; each is judged by rates fitted without its own week."""
        split_days: list[list[tuple[bool, float]]] = []
        own_days: list[tuple[int, float]] = []
        without: dict[tuple[int, int], Baseline] = {}
        for when, day in days.items():
            week = when.isocalendar()[:2]
            if week not in without:
                without[week] = Baseline.of(_other_weeks(days, week), who.team_of, signal)
            baseline = without[week]
            theirs = [
                person in who.exposed
                for person, _ in day.sessions.get(signal, ())
                if person in who.exposed or person in who.others
            ]
            offset = offset_of_day(day, baseline, who.team_of, who.exposed, who.others)
            if offset is not None:
                split_days.append([(exposed, offset) for exposed in theirs])
            expected = sum(
                baseline.expected(who.team_of.get(person, ""), kinds)
                for person, kinds in day.tasks.items()
                if person in who.exposed
            )
            if expected > 0:
                own_days.append((sum(theirs), expected))
        sessions = sum(len(day.sessions.get(signal, ())) for day in days.values())
        baseline = Baseline.of(days.values(), who.team_of, signal)
        return cls(_rule_of(comparison, split_days), baseline, own_days, sessions, who)

    @property
    def baseline_rate(self) -> float:
        return min(1.0, self._baseline.overall)

    def effect(self) -> Effect | None:
        return self.rule.effect() if isinstance(self.rule, TeamSplit) else None

    @property
    def own_expected_so_far(self) -> float:
        return self._own_expected + self.ours

    def begin_stage(self) -> None:
        self.rule.begin_stage()
        self._own.begin_stage()
        self.own_sessions, self.own_evidence, self._own_expected = 0, 1.0, 0.0
        self._own_diary: list[list[float]] = []  # of full days: sessions, expected
        self.ours = self.theirs = 0.0
        self._today_own = 0
        self.waiting: list[str] = []
        self._tasks: dict[str, Counter[str]] = {}

    def begin_day(self) -> None:
        """Close the day so far; whoever waited for a comparison that day waits no longer."""
        if self._tasks:
            self._close_own(self._today_own, self.ours)
        self._own_expected += self.ours
        self.rule.begin_day()
        self._tasks = {}
        self.ours = self.theirs = 0.0
        self._today_own = 0
        self.waiting = []

    def task(self, person: str, kind: str, on: bool) -> None:
        kinds, team = self._tasks.setdefault(person, Counter()), self._who.team_of.get(person, "")
        before = self._baseline.expected(team, kinds)
        kinds[kind] += 1
        more = self._baseline.expected(team, kinds) - before
        if on:
            self.ours += more
        else:
            self.theirs += more

    def happened(self, person: str, *, on: bool) -> None:
        """Take a session; the rule hears of it as soon as a comparison is possible."""
        self.waiting.append(person)
        if not on:
            return
        self.own_sessions += 1
        if self.ours > 0:
            self._today_own += 1
            self.own_evidence = self._own.take(self.ours)

    def _close_own(self, sessions: int, expected: float) -> None:
        self._own_diary.append([sessions, expected])
        self._own.quiet_until(expected)
        self._own.begin_day()

    def _learn_own(self) -> None:
        self._own = OwnBaseline()
        for sessions, expected in self._own_days:
            self._own.learn_day(sessions, expected)

    def state(self) -> dict[str, Any]:
        return {
            "rule": self.rule.diary(),
            "baseline": frozen(self._baseline),
            "own": [self._own_days, self._own_diary, self._today_own],
            "pre_sessions": self.pre_sessions,
            "counters": {name: frozen(getattr(self, name)) for name in _KEPT},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self.rule.read(state["rule"])
        self._baseline, self.pre_sessions = thawed(state["baseline"]), state["pre_sessions"]
        self._own_days, diary, today = state["own"]
        self._learn_own()
        self._own.begin_stage()
        self._own_diary = []
        for sessions, expected in diary:
            for _ in range(int(sessions)):
                self._own.take(expected)
            self._close_own(int(sessions), expected)
        for name, value in state["counters"].items():
            setattr(self, name, thawed(value))
        self._today_own = today
        for _ in range(today):
            self._own.take(max(self.ours, 1e-9))


def _rule_of(comparison: Comparison, days: list[list[tuple[bool, float]]]) -> Rule:
    share = comparison.share if comparison.share is not None else _EXPOSED_SHARE_WITHOUT_HISTORY
    if comparison.kind is Compares.RANDOMISED:
        return RandomisedSplit()
    if comparison.kind is Compares.SWITCHBACK:
        return SwitchbackSplit(share)
    return TeamSplit(days) if comparison.kind is Compares.TEAMS else NoSplit()


def _other_weeks(days: Mapping[date, Day], week: tuple[int, int]) -> list[Day]:
    """Return the days outside an ISO week; with one week only, all of them."""
    return [day for at, day in days.items() if at.isocalendar()[:2] != week] or list(days.values())
