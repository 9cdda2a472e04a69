"""Many worlds at once: how long each stage takes, what holds it up, and how soon a fault is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from statistics import median
from typing import TypeVar

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.foretelling.course import Caught, Course, caught_in, course_of
from companyos.adoption.rollouts.foretelling.sources import Source
from companyos.adoption.rollouts.foretelling.work import WEEK
from companyos.kernel.stats.forecast import Band, Forecast, band_of

T = TypeVar("T")
HARMS = (("2 points", 0.02), ("4 points", 0.04), ("8 points", 0.08), ("total breakage", 0.5))
CAUGHT_WORLDS = 8  # one in so many worlds also tries each planted fault


@dataclass(frozen=True, slots=True)
class StageForecast:
    """What is to be expected of one stage; days are working days of those worlds that passed it."""

    slug: str
    title: str
    planned_days: int
    who: tuple[str, ...]
    people: int
    entered: int  # worlds that entered it
    days: Forecast | None
    on_time: float  # share of the worlds that entered it
    starts: tuple[date, date, date] | None  # early, middle, late (80 %)
    bottleneck: str  # the gate that is outstanding on most days after the planned time
    bottleneck_share: float  # of such days
    false_rollback: float  # share of the worlds that entered it
    without_proof: float

    @property
    def band(self) -> Band:
        return band_of(self.on_time)


@dataclass(frozen=True, slots=True)
class FaultForecast:
    """How soon a planted regression is found in one stage."""

    stage: str
    harm: str
    worlds: int
    found: float
    days: float | None  # median of those found
    exposed_tasks: float | None


@dataclass(frozen=True, slots=True)
class PlanForecast:
    plan: str
    title: str
    source: str
    worlds: int
    seed: int
    planned_days: int
    stages: tuple[StageForecast, ...]
    faults: tuple[FaultForecast, ...]
    days: Forecast | None  # of the whole plan
    done: float  # share of worlds done within sixteen weeks
    on_time: float
    any_false_rollback: float


def foretell(
    plan: Plan,
    source: Source,
    *,
    worlds: int,
    seed: int,
    pool: Executor,
    say: Callable[[int, int], None] = lambda done, of: None,
) -> PlanForecast:
    """Play the plan in `worlds` worlds and sum up; `say` hears how many of how many pieces of work are done."""
    seeds = [seed * 1_000_003 + each for each in range(worlds)]
    asked = [
        (index, name, harm)
        for index, stage in enumerate(plan.stages)
        if any(team.joins == index for team in source.teams)
        for name, harm in HARMS
        if stage.gates
    ]
    fewer = seeds[: max(20, worlds // CAUGHT_WORLDS)]
    total = len(seeds) + len(asked) * len(fewer)
    told = _Told(total, say)
    courses = list(told.each(pool.map(partial(course_of, plan, source), seeds, chunksize=5)))
    faults = []
    for index, name, harm in asked:
        tried = pool.map(partial(caught_in, plan, source, index, harm), fewer, chunksize=10)
        faults.append(_fault(plan, index, name, list(told.each(tried))))
    return _summed(plan, source, courses, tuple(faults), seed)


@dataclass(slots=True)
class _Told:
    """Counts finished pieces of work aloud."""

    total: int
    say: Callable[[int, int], None]
    done: int = 0

    def each(self, results: Iterator[T]) -> Iterator[T]:
        for result in results:
            self.done += 1
            self.say(self.done, self.total)
            yield result


def _summed(
    plan: Plan, source: Source, courses: Sequence[Course], faults: tuple[FaultForecast, ...], seed: int
) -> PlanForecast:
    planned = sum(stage.working_days for stage in plan.stages)
    done = [course.done for course in courses if course.done is not None]
    return PlanForecast(
        plan.slug,
        plan.title,
        source.says,
        len(courses),
        seed,
        planned,
        tuple(_stage(plan, source, courses, index) for index in range(len(plan.stages))),
        faults,
        _forecast(done),
        len(done) / len(courses),
        sum(each <= planned for each in done) / len(courses),
        sum(any(stage.false_rollbacks for stage in course.stages) for course in courses) / len(courses),
    )


def _stage(plan: Plan, source: Source, courses: Sequence[Course], index: int) -> StageForecast:
    stage = plan.stages[index]
    seen = [course.stages[index] for course in courses if len(course.stages) > index]
    passed = [each.days for each in seen if each.days is not None]
    waited: Counter[str] = Counter()
    for each in seen:
        waited.update(each.waited_for)
    worst = waited.most_common(1)
    joined = [team for team in source.teams if team.joins == index]
    n = max(1, len(seen))
    return StageForecast(
        stage.slug,
        stage.title,
        stage.working_days,
        tuple(sorted({team.slug for team in joined})),
        sum(team.people for team in joined),
        len(seen),
        _forecast(passed),
        sum(days <= stage.working_days for days in passed) / n,
        _dates(source, [each.entered for each in seen]),
        worst[0][0] if worst else "",
        worst[0][1] / waited.total() if worst else 0.0,
        sum(each.false_rollbacks > 0 for each in seen) / n,
        sum(each.without_proof for each in seen) / n,
    )


def _fault(plan: Plan, index: int, harm: str, tried: Sequence[Caught]) -> FaultForecast:
    found = [each for each in tried if each.days is not None]
    return FaultForecast(
        plan.stages[index].slug,
        harm,
        len(tried),
        len(found) / len(tried),
        median(each.days or 0.0 for each in found) if found else None,
        median(each.exposed_tasks for each in found) if found else None,
    )


def _forecast(days: Sequence[int]) -> Forecast | None:
    return Forecast(tuple(sorted(float(each) for each in days))) if days else None


def _dates(source: Source, entered: Sequence[int]) -> tuple[date, date, date] | None:
    if not entered:
        return None
    told = Forecast(tuple(sorted(float(each) for each in entered)))
    early, middle, late = (_date(source, int(told.quantile(q))) for q in (0.1, 0.5, 0.9))
    return early, middle, late


def _date(source: Source, day: int) -> date:
    """Return the date of a working day of the plan; holidays of the calendar come on top."""
    return source.starts + timedelta(days=day // WEEK * 7 + day % WEEK)
