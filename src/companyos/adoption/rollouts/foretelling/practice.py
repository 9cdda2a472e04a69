"""Practice (R45): a person plays the controller of one stage against a fault that is hidden until the debrief.

A game is a seed and the moves made so far; everything shown follows from them, so it can be left and taken up again.
Each move is one working day. Nobody but the player is concerned: no flag, no person and no telemetry is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp
from random import Random

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.foretelling.sources import Source
from companyos.adoption.rollouts.foretelling.watch import DailyWatch, Done, TeamDay
from companyos.adoption.rollouts.foretelling.work import Work, poisson
from companyos.kernel.stats.did_split import AMBER_AT

DAYS = 10
STARTS_WITHIN = 2, 5  # days of the stage between which a fault begins
SETTLES = 5
LATENCY_LIMIT_MS = 1500.0
ROSTER_LIMIT = 0.02
_HARM, _LOCAL, _SHARED, _SLOWER, _STRANGERS = 0.05, 10.0, 8.0, 3.5, 0.15


class Fault(StrEnum):
    NONE = "none"
    REGRESSION = "regression"
    LATENCY = "latency"
    LOCAL_INCIDENT = "local incident"
    SHARED_INCIDENT = "shared incident"
    TELEMETRY_LOSS = "telemetry loss"
    LATE_DATA = "late data"
    WRONG_ROSTER = "wrong roster"
    CONTROLLER_CRASH = "controller crash"


class Play(StrEnum):
    CARRY_ON = "carry on"
    HOLD = "hold"
    ROLL_BACK = "roll back"
    ADVANCE = "advance"


ENDS = {Play.ROLL_BACK, Play.ADVANCE}


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a fault calls for. `fine` may be done as well; anything else is a mistake."""

    right: Play
    fine: frozenset[Play]
    says: str


LESSONS = {
    Fault.NONE: Lesson(
        Play.ADVANCE,
        frozenset({Play.CARRY_ON}),
        "Nothing was wrong. Holding or taking back costs trust and time; advance when harm is ruled out.",
    ),
    Fault.REGRESSION: Lesson(
        Play.ROLL_BACK,
        frozenset(),
        "The feature failed more often. Evidence beyond 20 to 1 takes back; waiting only exposes more people.",
    ),
    Fault.LATENCY: Lesson(
        Play.ROLL_BACK,
        frozenset({Play.HOLD}),
        "Errors stayed as they were while answers grew slow: look at every signal, not at errors alone.",
    ),
    Fault.LOCAL_INCIDENT: Lesson(
        Play.HOLD,
        frozenset({Play.ROLL_BACK, Play.CARRY_ON}),
        "One bad day of these teams only. It looks the same as a fault in the feature: hold, and a second day tells.",
    ),
    Fault.SHARED_INCIDENT: Lesson(
        Play.HOLD,
        frozenset({Play.CARRY_ON}),
        "Everybody erred more, also people without the feature: it is not the feature. Taking back helps nobody.",
    ),
    Fault.TELEMETRY_LOSS: Lesson(
        Play.HOLD,
        frozenset({Play.ROLL_BACK}),
        "No data is not good data: hold until telemetry is back.",
    ),
    Fault.LATE_DATA: Lesson(
        Play.HOLD,
        frozenset({Play.CARRY_ON}),
        "Days came in a day late and were counted again. Hold and let them arrive; never decide on half a day.",
    ),
    Fault.WRONG_ROSTER: Lesson(
        Play.HOLD,
        frozenset({Play.ROLL_BACK}),
        "Tasks came from people outside the cohort: the comparison is void until the roster is right.",
    ),
    Fault.CONTROLLER_CRASH: Lesson(
        Play.ROLL_BACK,
        frozenset({Play.HOLD}),
        "The controller had stopped looking while people erred; its verdict was old. A person's stop needs none.",
    ),
}


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


@dataclass(frozen=True, slots=True)
class Game:
    """A game as it stands. `over` says that the debrief may be shown."""

    stage: str
    people: int
    looks: tuple[Look, ...]
    plays: tuple[Play, ...]
    over: bool


@dataclass(frozen=True, slots=True)
class Debrief:
    fault: Fault
    began_on_day: int | None
    verdict: str  # right, fine or wrong
    says: str
    reacted_on_day: int | None  # the first move that was not carrying on
    exposed_tasks: int  # after the fault began, until the player stopped it
    failed_tasks: int
    controller_acts_on_day: int | None  # what the product would have done by itself
    seconds: float


def why_not(move: Play, day: int) -> str:
    """Return why a move may not be made on a day; empty when it may. A stage settles before it is left."""
    if move is Play.ADVANCE and day <= SETTLES:
        return (
            f"the stage settles for {SETTLES} working days; advancing is possible from day {SETTLES + 1} on"
        )
    return ""


def fault_of(seed: int) -> Fault:
    """Return the hidden fault of a game."""
    return Random(f"fault {seed}").choice(list(Fault))  # noqa: S311 - a game


def play(plan: Plan, source: Source, index: int, seed: int, plays: Sequence[Play]) -> Game:
    """Return the game after some moves, with a look for each day that has passed and the one to decide on."""
    run = _Stage(plan, source, index, seed)
    looks = []
    held = False
    for day in range(1, min(DAYS, len(plays) + 1) + 1):
        looks.append(run.look(day, held=held))
        if day <= len(plays):
            held = plays[day - 1] is Play.HOLD or (held and plays[day - 1] is not Play.CARRY_ON)
            if plays[day - 1] in ENDS:
                return Game(run.title, run.people, tuple(looks), tuple(plays[:day]), over=True)
    return Game(run.title, run.people, tuple(looks), tuple(plays), over=len(plays) >= DAYS)


def debrief(
    plan: Plan, source: Source, index: int, seed: int, plays: Sequence[Play], *, seconds: float
) -> Debrief:
    """Say what was hidden, what was right, and what the player's moves cost. For games that are over."""
    fault, run = fault_of(seed), _Stage(plan, source, index, seed)
    for day in range(1, DAYS + 1):
        run.look(day, held=False)
    reacted = next((day for day, each in enumerate(plays, 1) if each is not Play.CARRY_ON), None)
    lesson = LESSONS[fault]
    last = plays[-1] if plays else Play.CARRY_ON
    stopped_on = len(plays) if last is Play.ROLL_BACK else DAYS
    began = run.begins if fault is not Fault.NONE else None
    since = range((began or 1), stopped_on + 1)
    return Debrief(
        fault,
        began,
        _verdict(lesson, plays, began),
        lesson.says,
        reacted,
        sum(run.exposed[day - 1].tasks for day in since),
        sum(run.exposed[day - 1].errors for day in since),
        run.acted_on,
        seconds,
    )


def _verdict(lesson: Lesson, plays: Sequence[Play], began: int | None) -> str:
    """Judge the moves since the fault began; whatever was done before it, but carrying on, is a mistake."""
    before = plays[: began - 1] if began else ()
    since = set(plays[(began or 1) - 1 :])
    if any(each in ENDS for each in before):
        return "wrong"
    acted = since - {Play.CARRY_ON}
    if lesson.right in since and acted <= {lesson.right, *lesson.fine, Play.HOLD}:
        return "right"
    return (
        "fine"
        if (acted and acted <= lesson.fine) or (not acted and Play.CARRY_ON in lesson.fine)
        else "wrong"
    )


class _Stage:
    """The stage day by day, with its fault; deterministic in the seed."""

    def __init__(self, plan: Plan, source: Source, index: int, seed: int) -> None:
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
        path = self._source.workforce.paths.unified
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
