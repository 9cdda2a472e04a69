"""What a company does and how its people take to a feature: from a declared workforce, a log, or recent telemetry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log
from statistics import NormalDist
from typing import Protocol

import msgspec

from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.cohorts import cohort_at
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.rehearsal.courses import SERVICE
from companyos.adoption.rollouts.rehearsal.dice import Dice
from companyos.adoption.rollouts.rehearsal.profile import Profile
from companyos.adoption.rollouts.rehearsal.workforce import PathTaken, Workforce
from companyos.people.identity.domain.types import PersonRow

DAYS_OF_A_PROFILE = 25  # working days over which a profile's cases come
_SAMPLED = 400  # courses, to see how long cases take
_NORMAL = NormalDist()
_SOUND = PathTaken(
    failure=0.01,
    abandonment=0.02,
    latency_ms_p50=300.0,
    latency_sigma=0.5,
    handling_seconds_p50=120.0,
    handling_sigma=0.6,
)


@dataclass(frozen=True, slots=True)
class TeamWork:
    """A team (or the part of one that joins at the same stage) on the existing path."""

    slug: str
    people: int
    joins: int | None  # stage, from 0; None: the plan never switches it on
    in_production: bool
    tasks_a_day: float  # of all of them together
    error_rate: float  # error sessions a task


class Ground(Protocol):
    """What days of work are drawn from."""

    @property
    def teams(self) -> tuple[TeamWork, ...]: ...
    @property
    def new_path(self) -> PathTaken: ...
    @property
    def violations(self) -> float:
        """Share of tasks on the new path that are done against policy."""
        ...

    @property
    def ramp(self) -> tuple[float, ...]:
        """Share of a case's tasks done by the end of its first, second … working day."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that is drawn from; `says` tells a reader where the figures come from."""

    says: str
    teams: tuple[TeamWork, ...]
    workforce: Workforce
    ramp: tuple[float, ...]  # share of a case's tasks done by the end of its first, second … working day
    starts: date
    sprint_anchor: date

    @property
    def new_path(self) -> PathTaken:
        return self.workforce.paths.unified

    @property
    def violations(self) -> float:
        return self.workforce.policy_violations

    @property
    def failure(self) -> float:
        return self.new_path.failure


@dataclass(frozen=True, slots=True)
class Played:
    """What a game of practice is drawn from where no workforce is declared: as measured, and a sound new path."""

    teams: tuple[TeamWork, ...]
    new_path: PathTaken
    violations: float = 0.0
    ramp: tuple[float, ...] = (1.0,)


def slower_than(path: PathTaken, limit_ms: float) -> float:
    """Return the share of answers of a path that take longer than `limit_ms`."""
    return 1 - _NORMAL.cdf(log(max(limit_ms, 1e-9) / path.latency_ms_p50) / path.latency_sigma)


def to_practise_on(
    plan: Plan,
    people: Sequence[PersonRow],
    production: frozenset[str],
    *,
    tasks_a_day: float,
    error_rate: float,
) -> Played:
    """Let every person do as many tasks a day, and fail as often, on either path; answers take as they usually do."""
    teams = tuple(
        TeamWork(team, n, joins, works, n * tasks_a_day, error_rate)
        for team, n, joins, works in teams_of(plan, people, production)
    )
    return Played(teams, msgspec.structs.replace(_SOUND, failure=error_rate))


def teams_of(
    plan: Plan, people: Sequence[PersonRow], production: frozenset[str]
) -> tuple[tuple[str, int, int | None, bool], ...]:
    """Return (team, people, stage at which they join, in production?) of the whole directory."""
    joins: dict[str, tuple[int, bool]] = {}
    for index in range(len(plan.stages)):
        cohort = cohort_at(plan, index, people)
        at_work = {person for tenant, on in cohort.items() if tenant in production for person in on}
        for person in people_of(cohort):
            joins.setdefault(person, (index, person in at_work))
    counted: dict[tuple[str, int | None, bool], int] = {}
    for each in people:
        joined, works = joins.get(each.slug, (None, each.tenant in production))
        key = each.team, joined, works
        counted[key] = counted.get(key, 0) + 1
    return tuple((team, n, stage, works) for (team, stage, works), n in counted.items())


def of_a_profile(
    plan: Plan,
    people: Sequence[PersonRow],
    production: frozenset[str],
    workforce: Workforce,
    profile: Profile,
    *,
    cases: int | None,
    starts: date,
    sprint_anchor: date,
) -> Source:
    """Draw from a declared workforce, whose cases come as in a log's profile; `cases` over five weeks, or the log's."""
    tasks, ramp = _courses(profile)
    a_person = (cases or profile.cases) / DAYS_OF_A_PROFILE * tasks / max(1, len(people))
    error_rate = workforce.paths.existing.failure
    teams = tuple(
        TeamWork(team, n, joins, works, n * a_person, error_rate)
        for team, n, joins, works in teams_of(plan, people, production)
    )
    says = (
        f"the declared workforce, with cases as in {profile.source}: {cases or profile.cases} over five weeks"
    )
    return Source(says, teams, workforce, ramp, starts, sprint_anchor)


def of_telemetry(
    plan: Plan,
    people: Sequence[PersonRow],
    production: frozenset[str],
    workforce: Workforce,
    measured: Mapping[str, tuple[float, float]],
    *,
    days: int,
    starts: date,
    sprint_anchor: date,
) -> Source:
    """Draw from what teams did lately: `measured` is, by team, tasks and error sessions on a working day.

    What people will think, and how well the new path works, nobody has measured yet: that stays declared.
    """
    sizes: dict[str, int] = {}
    for each in people:
        sizes[each.team] = sizes.get(each.team, 0) + 1
    total = [sum(each[at] for each in measured.values()) for at in (0, 1)]
    overall = max(total[1], 0.5) / max(total[0], 1.0)
    teams = []
    for team, n, joins, works in teams_of(plan, people, production):
        tasks, errors = measured.get(team, (0.0, 0.0))
        rate = (errors * days + 2) / (tasks * days + 2 / overall)  # as the guardrail shrinks small teams
        teams.append(TeamWork(team, n, joins, works, tasks * n / max(1, sizes[team]), rate))
    says = f"telemetry of the last {days} working days; how the new path does is declared"
    return Source(says, tuple(teams), workforce, (1.0,), starts, sprint_anchor)


def _courses(profile: Profile) -> tuple[float, tuple[float, ...]]:
    """Return the tasks of people in a case, and which share of them is done day by day."""
    dice, tasks, by_day = Dice(1), 0, [0] * 40
    for number in range(_SAMPLED):
        course = profile.sample(dice, f"course-{number}")
        for step, offset in zip(course.steps, course.offsets, strict=True):
            if step.role != SERVICE:
                tasks += 1
                working_days = offset / 86_400 * 5 / 7
                by_day[min(len(by_day) - 1, int(working_days))] += 1
    done, ramp = 0, []
    for each in by_day:
        done += each
        ramp.append(done / max(1, tasks))
    return tasks / _SAMPLED, tuple(ramp)
