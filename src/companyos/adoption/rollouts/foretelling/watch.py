"""The guardrail of a stage as whole days: the product's `did_split` and `own_baseline` on counts by team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from companyos.kernel.evidence import Fact
from companyos.kernel.stats.did_split import (
    MIN_PRE_DAYS,
    MIN_PRE_SESSIONS,
    MIN_UNEXPOSED_PEOPLE,
    DidSplit,
)
from companyos.kernel.stats.effect import Effect, safe_to_advance
from companyos.kernel.stats.expected_errors import log_offset, overall_rate, team_rate
from companyos.kernel.stats.own_baseline import OwnBaseline

PRE_DAYS = 20


@dataclass(frozen=True, slots=True)
class Done:
    """What a team did on one day."""

    tasks: int
    errors: int


TeamDay = Mapping[str, Done]


class DailyWatch:
    """A stage's guardrail: learn the days before, then take the stage day by day."""

    def __init__(
        self,
        before: Sequence[TeamDay],
        *,
        exposed: frozenset[str],
        others: frozenset[str],
        other_people: int,
        random: Random,
        confirm_two_days: bool = False,
    ) -> None:
        self._exposed, self._others, self._random = exposed, others, random
        self._other_people, self._two_days = other_people, confirm_two_days
        self._rule, self._own = DidSplit(), OwnBaseline()
        days = before[-PRE_DAYS:]
        self._rates, self._overall = _rates(days)
        self._pre_days = len(days)
        self._pre_errors = sum(done.errors for day in days for done in day.values())
        for day in days:
            self._learn(day)
        self._rule.begin_stage()
        self._own.begin_stage()
        self.tasks = self.sessions = 0
        self._expected, self._own_evidence = 0.0, 1.0

    def take(self, day: TeamDay) -> float | None:
        """Take one day of the stage; return which share of it had passed when the rule acted, if it did."""
        ours, theirs = self._side(day, self._exposed), self._side(day, self._others)
        today = self._expects(day, self._exposed)
        offset = self._offset(day)
        self.tasks, self.sessions = self.tasks + ours.tasks, self.sessions + ours.errors
        self._rule.begin_day()
        self._own.begin_day()
        order = [True] * ours.errors + [False] * theirs.errors
        self._random.shuffle(order)
        acted = None
        for place, exposed in enumerate(order if offset is not None else (), 1):
            self._rule.take(exposed, offset or 0.0)
            if acted is None and self.breached:
                acted = place / (len(order) + 1)
        for _ in range(ours.errors if today > 0 else 0):
            self._own_evidence = self._own.take(today)
        self._own.quiet_until(today)
        self._expected += today
        return acted

    @property
    def breached(self) -> bool:
        return not self.problem and self._rule.rolls_back(confirm_two_days=self._two_days)

    @property
    def effect(self) -> Effect:
        return self._rule.effect()

    @property
    def problem(self) -> str:
        if self._other_people < MIN_UNEXPOSED_PEOPLE:
            return "no comparison group: nearly everybody is on"
        if self._pre_days < MIN_PRE_DAYS or self._pre_errors < MIN_PRE_SESSIONS:
            return f"no comparison group: {self._pre_errors} errors in {self._pre_days} days before exposure"
        return ""

    def fact(self) -> Fact:
        """Return what the gate is told, as telemetry tells it."""
        safety = safe_to_advance(
            self._rule.effect(), baseline_rate=min(1.0, self._overall), exposed_tasks=self.tasks
        )
        details = {
            "exposed_sessions": self._rule.exposed_sessions,
            "expected_sessions": self._rule.expected_sessions,
            "safe": safety.safe,
            "probability_safe": safety.probability,
            "limit": safety.limit,
            "own_evidence": self._own_evidence,
            "own_sessions": self.sessions,
            "own_expected": self._expected,
            "without_best_day": self._rule.without_best_day() if self._two_days else 1.0,
            "confirmed": self._rule.rolls_back(confirm_two_days=self._two_days),
        }
        return Fact(
            "telemetry.task_failed",
            self._rule.evidence,
            n=self.tasks,
            unit="to 1",
            problem=self.problem,
            details=details,
        )

    def _learn(self, day: TeamDay) -> None:
        offset = self._offset(day)
        ours, theirs = self._side(day, self._exposed), self._side(day, self._others)
        if offset is not None:
            self._rule.learn_day([(True, offset)] * ours.errors + [(False, offset)] * theirs.errors)
        expected = self._expects(day, self._exposed)
        if expected > 0:
            self._own.learn_day(ours.errors, expected)

    def _side(self, day: TeamDay, teams: frozenset[str]) -> Done:
        done = [each for team, each in day.items() if team in teams]
        return Done(sum(each.tasks for each in done), sum(each.errors for each in done))

    def _expects(self, day: TeamDay, teams: frozenset[str]) -> float:
        return sum(
            each.tasks * self._rates.get(team, self._overall) for team, each in day.items() if team in teams
        )

    def _offset(self, day: TeamDay) -> float | None:
        ours, theirs = self._expects(day, self._exposed), self._expects(day, self._others)
        return log_offset(ours, theirs) if ours > 0 and theirs > 0 else None


def _rates(days: Sequence[TeamDay]) -> tuple[dict[str, float], float]:
    tasks: dict[str, int] = {}
    errors: dict[str, int] = {}
    for day in days:
        for team, done in day.items():
            tasks[team] = tasks.get(team, 0) + done.tasks
            errors[team] = errors.get(team, 0) + done.errors
    overall = overall_rate(sum(errors.values()), float(sum(tasks.values())))
    return {team: team_rate(errors[team], float(n), overall) for team, n in tasks.items()}, overall
