"""One world: the whole course of a plan, day by day, through the product's own gates and rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from companyos.adoption.rollouts.domain.decide import Situation, decide
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.gates import judge
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.stage_plan import Cadence, StagePlan
from companyos.adoption.rollouts.domain.types import Gate, Move, Status, Verdict
from companyos.adoption.rollouts.foretelling.facts import Facts
from companyos.adoption.rollouts.foretelling.sources import Source, TeamWork
from companyos.adoption.rollouts.foretelling.watch import DailyWatch, TeamDay
from companyos.adoption.rollouts.foretelling.work import Work, poisson
from companyos.kernel.evidence import Fact

LONGEST = 80  # working days: sixteen weeks
_START = datetime(2026, 1, 5, tzinfo=UTC)
_PEOPLE_ANSWER = {
    GateKind.DWELL,
    GateKind.ATTESTED,
    GateKind.JUDGEMENT,
    GateKind.APPROVAL,
    GateKind.CHECKLIST,
    GateKind.READINESS,
    GateKind.DRILL,
    GateKind.SESSION,
    GateKind.SUPPORT_PACK,
}
_NOT_DRAWN = {GateKind.ROSTER, GateKind.SLO, GateKind.RETURN_RATE, GateKind.REACH, GateKind.BUG_TREND}
_FIX_TAKES = 1  # working days after a rollback until the stage is resumed


def is_drawn(spec: GateSpec) -> bool:
    """Tell whether a world draws what a gate asks; a gate of another kind or room is left out, as if it passed."""
    of_another_room = spec.kind is GateKind.METRIC and bool(spec.evidence)
    return spec.kind not in _NOT_DRAWN and not of_another_room


@dataclass(slots=True)
class StageCourse:
    """How one stage went in one world."""

    entered: int  # working day of the plan, from 0
    left: int | None = None
    false_rollbacks: int = 0
    waited_for: Counter[str] = field(
        default_factory=Counter
    )  # gates outstanding on days after the planned time
    without_proof: bool = False
    tasks: int = 0  # on the new path in the last attempt

    @property
    def days(self) -> int | None:
        return None if self.left is None else self.left - self.entered


@dataclass(slots=True)
class Course:
    """One world from start to end. `stages` holds those that were entered, in order."""

    stages: list[StageCourse]
    done: int | None  # working days until the last stage was passed; None: it was not


def course_of(plan: Plan, source: Source, seed: int) -> Course:
    """Play the plan once, with a feature that works as declared."""
    return _World(plan, source, Random(seed)).play()  # noqa: S311 - a simulation, not a secret


@dataclass(frozen=True, slots=True)
class Caught:
    """How a planted regression fared in one world; `days` is None when the stage did not find it."""

    days: float | None
    exposed_tasks: int


def caught_in(plan: Plan, source: Source, index: int, harm: float, seed: int) -> Caught:
    """Plant `harm` (a share of tasks that fail on top) from the first day of a stage on, and see when it is found."""
    return _World(plan, source, Random(seed)).struck(index, harm)  # noqa: S311 - a simulation, not a secret


class _World:
    def __init__(self, plan: Plan, source: Source, random: Random) -> None:
        self._plan, self._source, self._random = plan, source, random
        self._work, self._facts = Work(source, random), Facts(source, random)
        self._old: list[TeamDay] = list(self._work.before())
        self._facts.before = len(self._old)
        self._day = 0
        self._seen: list[StageCourse] = []

    def play(self) -> Course:
        for index, stage in enumerate(self._plan.stages):
            if not self._stage(index, stage):
                return Course(self._seen, None)
        return Course(self._seen, self._day)

    def struck(self, index: int, harm: float) -> Caught:
        stage = self._plan.stages[index]
        joined = [team for team in self._source.teams if team.joins == index]
        for team in self._source.teams:
            if team.joins is not None and team.joins < index:
                self._facts.on[team] = -LONGEST
        watch = self._begin(stage, joined)
        for day in range(stage.working_days):
            before = watch.tasks
            acted = self._one_day(watch, harm=harm, struck=frozenset(joined))
            if acted is not None:
                return Caught(day + acted, before + round(acted * (watch.tasks - before)))
        return Caught(None, watch.tasks)

    def _stage(self, index: int, stage: StagePlan) -> bool:
        course = StageCourse(self._day)
        self._seen.append(course)
        joined = [team for team in self._source.teams if team.joins == index]
        while self._day < LONGEST:
            ended = self._attempt(stage, joined, course)
            if ended is Move.ADVANCE:
                course.left = self._day
                return True
            if ended is not Move.ROLL_BACK:
                return False
            course.false_rollbacks += 1
            for team in joined:
                self._facts.on.pop(team, None)
            for _ in range(_FIX_TAKES):
                self._one_day(None)
        return False

    def _attempt(self, stage: StagePlan, joined: list[TeamWork], course: StageCourse) -> Move:
        """Run one attempt; return how it ended: passed, taken back, or still waiting when the time was over."""
        since, watch = self._day, self._begin(stage, joined)
        in_doubt = failing = 0
        while self._day < LONGEST:
            acted = self._one_day(watch)
            course.tasks = sum(each.tasks for each in self._facts.days[since:])
            gates = self._judged(stage, since, joined, watch)
            move = decide(Situation(Status.ACTIVE, stage.slug, False, gates)).move
            if acted is not None or move is Move.ROLL_BACK:
                return Move.ROLL_BACK
            if move is Move.ADVANCE:
                return Move.ADVANCE
            if self._day - since >= stage.working_days:
                course.waited_for.update(_outstanding(gates))
            failed = [gate for gate in gates if gate.verdict is Verdict.FAILED and gate.is_in_the_way]
            failing = (
                failing + 1 if any(g.kind in self._source.workforce.takes_back_for for g in failed) else 0
            )
            if failing > self._source.workforce.patience.failed_working_days:
                return Move.ROLL_BACK
            in_doubt = in_doubt + 1 if self._only_doubt(gates) else 0
            if in_doubt > self._source.workforce.patience.inconclusive_working_days:
                course.without_proof = True
                return Move.ADVANCE
        return Move.STAY

    def _begin(self, stage: StagePlan, joined: list[TeamWork]) -> DailyWatch:
        for team in joined:
            self._facts.on[team] = self._day
            self._facts.asked.invite(team.people, self._day, self._source, self._random)
        off = [team for team in self._source.teams if team not in self._facts.on]
        ours = frozenset(team.slug for team in joined)
        return DailyWatch(
            self._old,
            exposed=ours,
            others=frozenset(team.slug for team in off) - ours,
            other_people=sum(team.people for team in off),
            random=self._random,
            confirm_two_days=any(gate.confirm == "two_days" for gate in stage.gates),
        )

    def _one_day(
        self, watch: DailyWatch | None, *, harm: float = 0.0, struck: frozenset[TeamWork] = frozenset()
    ) -> float | None:
        self._work.opens(self._day)
        facts = self._facts
        old = self._work.existing(frozenset(facts.on))
        new = self._work.new(facts.on, day=self._day, harm=harm, struck=struck)
        facts.days.append(new)
        self._old.append(old)
        bugs = self._source.workforce.bugs
        severe = {level: bugs.severities.get(level, 0.0) for level in ("sev1", "sev2")}
        facts.open_bugs = poisson(new.failed * bugs.reported * sum(severe.values()) / 3, self._random)
        facts.open_sev1 = bool(facts.open_bugs) and self._random.random() < (
            severe["sev1"] / max(1e-9, sum(severe.values()))
        )
        self._day += 1
        return watch.take({**old, **new.by_team}) if watch else None

    def _judged(
        self, stage: StagePlan, since: int, joined: list[TeamWork], watch: DailyWatch
    ) -> tuple[Gate, ...]:
        now, due = _at(self._day), _at(since + stage.working_days)
        return tuple(
            judge(spec, self._fact(spec, stage, since, joined, watch), now=now, due_at=due)
            for spec in self._plan.gates_of(stage.slug)
            if is_drawn(spec)
        )

    def _fact(
        self, spec: GateSpec, stage: StagePlan, since: int, joined: list[TeamWork], watch: DailyWatch
    ) -> Fact:
        if spec.kind in {GateKind.GUARDRAIL, GateKind.SAFE_TO_ADVANCE}:
            return watch.fact()
        if spec.kind in _PEOPLE_ANSWER:
            return self._word(spec, stage, self._day - since)
        return self._facts.tell(spec, since=since, day=self._day - 1, joined=joined)

    def _word(self, spec: GateSpec, stage: StagePlan, days: int) -> Fact:
        """What people have done by now: tasks after their time, approvals a day before the stage ends."""
        workforce = self._source.workforce
        if spec.kind is GateKind.APPROVAL:
            given = days >= stage.working_days - workforce.approvals.working_days_before_due
            by_role = {role: {"by_name": role} for role in spec.roles} if given else {}
            return Fact("rollouts.approvals", float(len(by_role)), details={"by_role": by_role})
        if spec.kind is GateKind.DWELL:
            return Fact("rollouts.dwell")
        daily = any(t.slug == spec.task and t.cadence is Cadence.DAILY for t in stage.tasks)
        done = days if daily else int(days >= workforce.days_until_done(spec.task))
        return Fact("rollouts.task_done", float(done), details={"by_name": "the owner", "note": "done"})

    def _only_doubt(self, gates: tuple[Gate, ...]) -> bool:
        """Tell whether nothing but gates that a lead may pass over is outstanding."""
        waited = [gate for gate in gates if gate.verdict is not Verdict.PASSED and gate.is_in_the_way]
        may = self._source.workforce.may_advance_past
        return bool(waited) and all(
            gate.verdict is Verdict.INCONCLUSIVE and gate.kind in may for gate in waited
        )


def _outstanding(gates: tuple[Gate, ...]) -> list[str]:
    return [gate.name for gate in gates if gate.verdict is not Verdict.PASSED and gate.is_in_the_way]


def _at(day: int) -> datetime:
    return _START + timedelta(days=day)
