"""One stage of a game of practice, day by day, with the fault that is hidden in it."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from random import Random

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.foretelling.lessons import Fault
from companyos.adoption.rollouts.foretelling.sources import Ground
from companyos.adoption.rollouts.foretelling.watch import DailyWatch, Done, TeamDay
from companyos.adoption.rollouts.foretelling.work import Work, poisson
from companyos.kernel.stats.did_split import AMBER_AT

STARTS_WITHIN = 2, 5  # days of the stage between which a fault begins
_HARM, _LOCAL, _SHARED, _SLOWER, _STRANGERS = 0.05, 10.0, 8.0, 3.5, 0.15


@dataclass(frozen=True, slots=True)
class Look:
    """What the player sees on the morning after a day; figures are of the stage so far unless they say today."""

    day: int  # from 1
    checked_days_ago: int
    sentence: str  # the guardrail's
    evidence: float
    safe: bool
    tasks_today: int
    errors_today: int
    other_tasks_today: int
    other_errors_today: int
    p95_ms: float
    outside_cohort: float  # share of exposed tasks from people who should be off
    held: bool


def fault_of(seed: int) -> Fault:
    """Return the hidden fault of a game."""
    return Random(f"fault {seed}").choice(list(Fault))  # noqa: S311 - a game


class PractisedStage:
    """The stage day by day, with its fault; deterministic in the seed."""

    def __init__(self, plan: Plan, source: Ground, index: int, seed: int) -> None:
        self._fault, self._random = fault_of(seed), Random(seed)  # noqa: S311 - a game
        self._source, self._work = source, Work(source, self._random)
        self._joined = [team for team in source.teams if team.joins == index]
        self._on = {team: 0 for team in source.teams if team.joins is not None and team.joins <= index}
        off = [team for team in source.teams if team not in self._on]
        ours = frozenset(team.slug for team in self._joined)
        self._watch = DailyWatch(
            self._work.before(),
            exposed=ours,
            others=frozenset(team.slug for team in off) - ours,
            other_people=sum(team.people for team in off),
            random=self._random,
        )
        self.title, self.people = plan.stages[index].title, sum(team.people for team in self._joined)
        self.begins = self._random.randint(*STARTS_WITHIN)
        self.exposed: list[Done] = []
        self.acted_on: int | None = None
        self._seen: tuple[int, float, bool, int, float] = (0, 1.0, False, 0, 0.0)
        self._checked = 0
        self._late: TeamDay | None = None

    def look(self, day: int, *, held: bool) -> Look:
        old, new = self._day(day)
        ours = self._sum(new)
        theirs = self._sum(old)
        self.exposed.append(ours)
        arrived = self._arrives(day, {**old, **new})
        if arrived is not None:
            acted = self._watch.take(arrived)
            if acted is not None and self.acted_on is None and not self._stalls(day):
                self.acted_on = day
        if not self._stalls(day):
            self._checked = day
            fact = self._watch.fact()
            told = fact.details
            self._seen = (
                self._watch.sessions,
                float(fact.value or 0.0),
                bool(told["safe"]),
                self._watch.tasks,
                float(told["expected_sessions"]),
            )
        lost = self._lost(day)
        sessions, evidence, safe, tasks, expected = self._seen
        return Look(
            day,
            day - self._checked,
            _sentence(sessions, tasks, expected, evidence),
            evidence,
            safe,
            0 if lost else ours.tasks,
            0 if lost else ours.errors,
            theirs.tasks,
            theirs.errors,
            self._p95(day),
            _STRANGERS if self._is(Fault.WRONG_ROSTER, day) else 0.0,
            held,
        )

    def _is(self, fault: Fault, day: int) -> bool:
        return self._fault is fault and day >= self.begins

    def _on_the_day(self, fault: Fault, day: int) -> bool:
        return self._fault is fault and day == self.begins

    def _stalls(self, day: int) -> bool:
        return self._is(Fault.CONTROLLER_CRASH, day)

    def _lost(self, day: int) -> bool:
        return self._is(Fault.TELEMETRY_LOSS, day) or self._on_the_day(Fault.LATE_DATA, day)

    def _day(self, day: int) -> tuple[dict[str, Done], dict[str, Done]]:
        self._work.opens(day)
        harm = _HARM if self._is(Fault.REGRESSION, day) or self._is(Fault.CONTROLLER_CRASH, day) else 0.0
        old = self._work.existing(frozenset(self._on))
        new = self._work.new(self._on, day=day, harm=harm, struck=frozenset(self._joined)).by_team
        ours = {team.slug for team in self._joined}
        new = {slug: done for slug, done in new.items() if slug in ours}
        if self._on_the_day(Fault.SHARED_INCIDENT, day):
            old, new = self._worse(old, _SHARED), self._worse(new, _SHARED)
        if self._on_the_day(Fault.LOCAL_INCIDENT, day):
            new = self._worse(new, _LOCAL)
        return old, new

    def _worse(self, days: TeamDay, times: float) -> dict[str, Done]:
        return {
            slug: Done(done.tasks, min(done.tasks, poisson((done.errors + 0.5) * times, self._random)))
            for slug, done in days.items()
        }

    def _arrives(self, day: int, seen: TeamDay) -> TeamDay | None:
        """What telemetry brings today: nothing while it is lost, and a late day together with the next."""
        if self._is(Fault.TELEMETRY_LOSS, day):
            return None
        if self._on_the_day(Fault.LATE_DATA, day):
            self._late = seen
            return None
        if self._late is not None:
            self._watch.take(self._late)
            self._late = None
        return seen

    def _p95(self, day: int) -> float:
        path = self._source.new_path
        usual = path.latency_ms_p50 * exp(1.645 * path.latency_sigma)
        slower = _SLOWER if self._is(Fault.LATENCY, day) else 1.0
        return round(usual * slower * self._random.uniform(0.95, 1.05), 0)

    def _sum(self, days: TeamDay) -> Done:
        return Done(sum(done.tasks for done in days.values()), sum(done.errors for done in days.values()))


def _sentence(sessions: int, tasks: int, expected: float, evidence: float) -> str:
    amber = ": advancing is stopped" if evidence >= AMBER_AT else ""
    return (
        f"{sessions} error sessions in {tasks} tasks; going by the four weeks before and the other teams about"
        f" {expected:.1f} were expected. Evidence {evidence:.1f} to 1{amber}"
    )
