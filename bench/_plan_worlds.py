"""Simulated companies that run a plan: their work, errors and answers by day, judged by the product's own gates.

Faults of the feature, volumes, paces and team rates differ from what the plan check was told; nothing here asks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log
from random import Random
from typing import Any

from companyos.adoption.rollouts.domain.foresee import Place
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec, Window
from companyos.adoption.rollouts.domain.gates import judge
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.setting import WEEK, Crowd, Setting
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.binomial import lower_bound, upper_bound, wilson_lower, wilson_upper
from companyos.kernel.stats.did_split import MIN_UNEXPOSED_PEOPLE, DidSplit
from companyos.kernel.stats.effect import safe_to_advance
from companyos.kernel.stats.expected_errors import expected_of_person_day, log_offset, overall_rate, team_rate
from companyos.kernel.stats.improvement import MIN_PEOPLE, MIN_TASKS
from companyos.kernel.stats.own_baseline import OwnBaseline
from companyos.kernel.stats.paired import paired_interval

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
PRE_DAYS = 20
SIZES = 30, 300
TEAM = 8
_MEASURED = {GateKind.METRIC, GateKind.GUARDRAIL, GateKind.SURVEY}


@dataclass(frozen=True, slots=True)
class Person:
    team: int
    pace: float  # cases on a day at work
    proneness: float  # errors per case before


@dataclass(frozen=True, slots=True)
class Firm:
    """What is really so; `told` is what its people write into the plan check."""

    people: tuple[Person, ...]
    told: Setting
    failing: float  # share of cases that fail with the feature
    times: float  # how many times as often people err with it as before
    happy: float
    gain: float
    response: float


def a_firm(random: Random) -> Firm:
    """Draw one company of 30 to 300 people, and what it believes about itself."""
    size = round(exp(random.uniform(*map(log, SIZES))))
    a_week = exp(random.uniform(log(2), log(50)))  # cases of one person
    rate = 0.01 * exp(random.gauss(0, 0.5))
    by_team = [exp(random.gauss(0, 0.4)) for _ in range(size // TEAM + 1)]
    people = tuple(
        Person(
            at // TEAM,
            a_week / WEEK * exp(random.gauss(-0.18, 0.6)),
            min(0.3, rate * by_team[at // TEAM] * exp(random.gauss(-0.32, 0.8))),
        )
        for at in range(size)
    )
    response = random.uniform(0.3, 0.8)
    expected = 0.003
    told = Setting(size, size * a_week, response=response, error_rate=rate, expected_success=1 - expected)
    failing = expected * exp(random.gauss(0, 0.5))
    return Firm(
        people,
        told,
        failing,
        failing / rate,
        min(0.98, max(0.6, random.gauss(0.9, 0.04))),
        random.gauss(0.02, 0.02),
        min(0.95, max(0.1, random.gauss(response, 0.07))),
    )


def verdicts(
    firm: Firm, plan: Plan, crowds: Sequence[Crowd], random: Random
) -> Iterator[tuple[GateSpec, Verdict]]:
    """Let the company run the plan; yield what each measured gate says at its date."""
    volume = exp(random.gauss(0, 0.12))
    for index, stage in enumerate(plan.stages):
        place = Place(plan, index, crowds, firm.told)
        run = _Run(firm, place, volume, random)
        for spec in stage.gates:
            if is_measured(spec):
                due = NOW - timedelta(minutes=1)
                yield spec, judge(spec, run.fact(spec), now=NOW, due_at=due).verdict


def is_measured(spec: GateSpec) -> bool:
    """Tell whether what people do with the feature answers a gate: not a person, the calendar or another room."""
    return spec.kind in _MEASURED and not spec.evidence


def answered(verdict: Verdict) -> bool:
    return verdict in {Verdict.PASSED, Verdict.FAILED}


class _Run:
    """One stage of one company, drawn gate by gate."""

    def __init__(self, firm: Firm, place: Place, volume: float, random: Random) -> None:
        self._firm, self._place, self._volume, self._random = firm, place, volume, random
        crowd = place.crowd
        self._before, self._on = crowd.on - crowd.joining, crowd.on

    def fact(self, spec: GateSpec) -> Fact:
        if spec.kind is GateKind.GUARDRAIL:
            return self._guardrail()
        if spec.kind is GateKind.SURVEY:
            return self._survey()
        return {
            "completion_trend": self._trend,
            "time_to_value_trend": self._trend,
            "baseline_days": self._baseline,
            "shadow_mismatch": self._shadow,
        }.get(spec.metric, self._share)(spec)

    def _cases(self, people: Sequence[Person], days: int) -> int:
        return sum(self._person_cases(person, days) for person in people)

    def _person_cases(self, person: Person, days: int) -> int:
        present = sum(self._random.random() < 0.85 for _ in range(days))
        return _poisson(person.pace * self._volume * present, self._random)

    def _bad(self, n: int, share: float) -> int:
        return min(n, _poisson(n * share, self._random))

    def _share(self, spec: GateSpec) -> Fact:
        failing = {
            "task_success": self._firm.failing,
            "task_completion": 0.03,
            "policy_violations": 0.002,
            "latency_p95_ms": 0.02,
        }[spec.metric]
        if spec.window is Window.TWO_SPRINTS:
            return self._two_sprints(spec, failing)
        cases = self._cases(self._firm.people[: self._on], self._place.days)
        bad = self._bad(cases, failing)
        if spec.metric == "latency_p95_ms":
            return _latency(spec, cases, bad)
        good = bad if spec.metric == "policy_violations" else cases - bad
        return _share(spec, good, cases)

    def _two_sprints(self, spec: GateSpec, failing: float) -> Fact:
        first = next((i for i, crowd in enumerate(self._place.crowds) if crowd.on), 0)
        if self._place.weeks_since(first) < 5:
            return Fact("telemetry.task_success", n=0, problem="fewer than two complete sprints")
        ons = self._place.crowds[max(0, self._place.index - 1)].on, self._on
        sprints = []
        for on in ons:
            cases = self._cases(self._firm.people[:on], 2 * WEEK)
            sprints.append(_share(spec, cases - self._bad(cases, failing), cases))
        worst = min(sprints, key=lambda fact: fact.low or 0.0)
        return Fact(
            worst.name, worst.value, worst.low, worst.high, sum(f.n or 0 for f in sprints), "share",
            details={"latest_high": sprints[-1].high},
        )  # fmt: skip

    def _shadow(self, spec: GateSpec) -> Fact:
        cases = self._cases(self._firm.people, self._place.days)
        return _share(spec, self._bad(cases, self._firm.failing), cases)

    def _baseline(self, spec: GateSpec) -> Fact:
        days = PRE_DAYS + self._place.days
        return Fact("telemetry.baseline_days", float(days), n=days, unit="days")

    def _survey(self) -> Fact:
        on = self._on if self._place.days > WEEK else self._before
        answers = sum(self._random.random() < self._firm.response for _ in range(on))
        happy = sum(self._random.random() < self._firm.happy for _ in range(answers))
        details = {"asked": on, "satisfied": happy}
        if not answers:
            return Fact("surveys.satisfaction", n=0, unit="share", problem="no answer yet", details=details)
        low, high = wilson_lower(happy, answers, 0.9), wilson_upper(happy, answers, 0.9)
        return Fact("surveys.satisfaction", happy / answers, low, high, answers, "share", details=details)

    def _trend(self, spec: GateSpec) -> Fact:
        """The same people against themselves, half against half since their exposure, week 1 dropped."""
        changes = []
        since = 0
        for index in range(self._place.index + 1):
            days = round(WEEK * max(0.0, self._place.weeks_since(index) - 1) / 2)
            for person in self._firm.people[since : self._place.crowds[index].on]:
                halves = [self._person_cases(person, days) for _ in range(2)]
                if min(halves) >= MIN_TASKS:
                    noise = sum(0.09 / n for n in halves)
                    change = self._random.gauss(self._firm.gain, (noise + 0.05**2) ** 0.5)
                    changes.append(change if spec.at_least is not None else -change)
            since = self._place.crowds[index].on
        name, unit = f"telemetry.{spec.metric}", "points" if spec.at_least is not None else "log"
        if len(changes) < MIN_PEOPLE:
            return Fact(name, n=len(changes), unit=unit, problem=f"{len(changes)} people; needs {MIN_PEOPLE}")
        interval = paired_interval(changes, 0.8)
        details = {"at_target": self._firm.gain >= 0}
        return Fact(name, interval.value, interval.low, interval.high, len(changes), unit, details=details)

    def _guardrail(self) -> Fact:
        exposed = self._firm.people[self._before : self._on]
        others = self._firm.people[self._on :]
        watch = _Watched(exposed, others, self._volume, self._random)
        return watch.fact(self._place.days, min(1.0, self._firm.times))


class _Watched:
    """The guardrail of a stage: `did_split` and `own_baseline` on days drawn as wholes."""

    def __init__(
        self, exposed: Sequence[Person], others: Sequence[Person], volume: float, random: Random
    ) -> None:
        self._sides, self._volume, self._random = (exposed, others), volume, random

    def fact(self, days: int, times: float) -> Fact:
        before = [self._day(1.0) for _ in range(PRE_DAYS)]
        tasks = [sum(day[side][0] for day in before) for side in (0, 1)]
        errors = [sum(day[side][1] for day in before) for side in (0, 1)]
        overall = overall_rate(sum(errors), float(sum(tasks)))
        rates = [team_rate(y, float(t), overall) for y, t in zip(errors, tasks, strict=True)]
        rule, own = DidSplit(), OwnBaseline()
        for day in before:
            offset = self._offset(day, rates)
            if offset is not None:
                rule.learn_day([(True, offset)] * day[0][1] + [(False, offset)] * day[1][1])
            if day[0][0]:
                own.learn_day(day[0][1], day[0][0] * rates[0])
        return self._stage(rule, own, rates, overall, sum(errors), days, times)

    def _stage(
        self,
        rule: DidSplit,
        own: OwnBaseline,
        rates: list[float],
        overall: float,
        pre: int,
        days: int,
        times: float,
    ) -> Fact:
        rule.begin_stage()
        own.begin_stage()
        tasks = sessions = 0
        expected, own_evidence = 0.0, 1.0
        for _ in range(days):
            day = self._day(times)
            tasks, sessions, today = tasks + day[0][0], sessions + day[0][1], day[0][0] * rates[0]
            expected += today
            rule.begin_day()
            own.begin_day()
            offset = self._offset(day, rates)
            order = [True] * day[0][1] + [False] * day[1][1]
            self._random.shuffle(order)
            for each in order if offset is not None else ():
                rule.take(each, offset)
            for _ in range(day[0][1] if today > 0 else 0):
                own_evidence = own.take(today)
            own.quiet_until(today)
        return self._as_fact(rule, overall, pre, tasks, sessions, expected, own_evidence)

    def _as_fact(
        self, rule: DidSplit, overall: float, pre: int, tasks: int, sessions: int, expected: float, own: float
    ) -> Fact:
        safety = safe_to_advance(rule.effect(), baseline_rate=min(1.0, overall), exposed_tasks=tasks)
        problem = ""
        if len(self._sides[1]) < MIN_UNEXPOSED_PEOPLE:
            problem = "no comparison group"
        elif pre < 10:
            problem = f"no comparison group: {pre} errors before exposure"
        details: dict[str, Any] = {
            "exposed_sessions": rule.exposed_sessions,
            "expected_sessions": rule.expected_sessions,
            "safe": safety.safe,
            "limit": safety.limit,
            "own_evidence": own,
            "own_sessions": sessions,
            "own_expected": expected,
            "without_best_day": 1.0,
            "confirmed": True,
        }
        return Fact(
            "telemetry.task_failed", rule.evidence, n=tasks, unit="to 1", problem=problem, details=details
        )

    def _day(self, times: float) -> tuple[tuple[int, int], tuple[int, int]]:
        """Tasks and error sessions of both sides; a feature changes the errors of the first."""
        shock = exp(self._random.gauss(-0.02, 0.2))
        return self._side(0, times * shock), self._side(1, shock)

    def _side(self, side: int, times: float) -> tuple[int, int]:
        present = [person for person in self._sides[side] if self._random.random() < 0.85]
        work = [(person, _poisson(person.pace * self._volume, self._random)) for person in present]
        errors = _poisson(sum(n * person.proneness for person, n in work) * times, self._random)
        return sum(n for _, n in work), errors

    def _offset(self, day: tuple[tuple[int, int], tuple[int, int]], rates: list[float]) -> float | None:
        sides = [expected_of_person_day(float(day[side][0]), rates[side]) for side in (0, 1)]
        return log_offset(sides[0], sides[1]) if min(sides) > 0 else None


def _share(spec: GateSpec, good: int, n: int) -> Fact:
    name = f"telemetry.{spec.metric}"
    if not n:
        return Fact(name, n=0, unit="share", problem="no task yet")
    confidence = spec.confidence or 0.95
    return Fact(
        name, good / n, lower_bound(good, n, confidence), upper_bound(good, n, confidence), n, "share"
    )


def _latency(spec: GateSpec, n: int, slow: int) -> Fact:
    """A p95 with an interval that lies as the counts of slow answers do."""
    name, limit = f"telemetry.{spec.metric}", spec.at_most or 0.0
    if not n:
        return Fact(name, n=0, unit="ms", problem="no task yet")
    within = lower_bound(n - slow, n, 0.95) >= 0.95
    beyond = upper_bound(n - slow, n, 0.95) < 0.95
    value = limit * (0.8 if slow / n <= 0.05 else 1.2)
    return Fact(name, value, limit * (1.1 if beyond else 0.5), limit * (0.9 if within else 1.5), n, "ms")


def _poisson(mean: float, random: Random) -> int:
    if mean > 50:
        return max(0, round(random.gauss(mean, mean**0.5)))
    count, product, limit = 0, random.random(), exp(-mean)
    while product > limit:
        count, product = count + 1, product * random.random()
    return count
