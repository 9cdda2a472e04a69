"""One stage of a simulated company as a stream, and the rules that look at it after every error session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.random import Generator

from bench._company import PRE_DAYS, STAGE_DAYS, WEEK, Company, Counts, Numbers
from bench._day_by_day import DayByDay
from companyos.kernel.error_sessions import SESSIONS_PER_PERSON_DAY
from companyos.kernel.stats.conditional import Conditional
from companyos.kernel.stats.did_split import DidSplit
from companyos.kernel.stats.expected_errors import (
    log_offset,
    overall_rate,
    team_rate,
)


@dataclass(frozen=True, slots=True)
class ErrorAt:
    """One error session of the stage, with what each side had done by then."""

    day: int  # of the stage, from 0
    time: float  # of the day, 0 to 1
    person: int
    exposed: bool
    exposed_tasks: float
    other_tasks: float
    exposed_errors: int
    other_errors: int

    @property
    def days(self) -> float:
        return self.day + self.time


@dataclass(frozen=True, slots=True)
class Counted:
    """A company's errors as the product counts them: error sessions by person and day, the stage's in order."""

    company: Company
    sessions: Counts
    stage: list[ErrorAt]


def counted(company: Company, rng: Generator) -> Counted:
    """Draw the times of all error sessions and keep a person-day's first three."""
    people, days = np.nonzero(company.errors)
    repeats = company.errors[people, days]
    people, days = np.repeat(people, repeats), np.repeat(days, repeats)
    times = rng.random(len(people))
    order = np.lexsort((times, days))
    sessions = np.zeros(company.tasks.shape, int)
    kept = []
    for row in zip(people[order].tolist(), days[order].tolist(), times[order].tolist(), strict=True):
        sessions[row[:2]] += 1
        if sessions[row[:2]] <= SESSIONS_PER_PERSON_DAY:
            kept.append(row)
    return Counted(company, np.minimum(sessions, SESSIONS_PER_PERSON_DAY), _stage_of(company, kept))


def _stage_of(company: Company, kept: list[tuple[int, int, float]]) -> list[ErrorAt]:
    tasks = company.tasks[:, PRE_DAYS:]
    sides = tasks[company.exposed].sum(0), tasks[~company.exposed].sum(0)
    stream, errors = [], [0, 0]
    stage = range(PRE_DAYS, PRE_DAYS + STAGE_DAYS)
    for person, day, time in ((p, d - PRE_DAYS, t) for p, d, t in kept if d in stage):
        exposed = bool(company.exposed[person])
        errors[not exposed] += 1
        done = [float(side[:day].sum() + side[day] * time) for side in sides]
        stream.append(ErrorAt(day, time, person, exposed, done[0], done[1], errors[0], errors[1]))
    return stream


class Baseline:
    """What the weeks before say to expect, through the product's own formulas."""

    def __init__(self, counted: Counted) -> None:
        self._company, self._sessions = counted.company, counted.sessions
        self._weighted = _weighted_tasks(counted.company)

    def offsets(self) -> list[float]:
        """Return each day's log offset; a day before the stage is judged without its own week."""
        weeks = np.arange(PRE_DAYS) // WEEK
        offsets: list[float] = []
        for week in range(PRE_DAYS // WEEK):
            rates = self._rates(np.flatnonzero(weeks != week))
            offsets += [self._offset(day, rates) for day in np.flatnonzero(weeks == week)]
        rates = self._rates(np.arange(PRE_DAYS))
        return offsets + [self._offset(day, rates) for day in range(PRE_DAYS, PRE_DAYS + STAGE_DAYS)]

    def _rates(self, days: np.ndarray) -> list[float]:
        sessions = self._sessions[:, days].sum(1)
        tasks = self._weighted[:, days].sum(1)
        overall = overall_rate(int(sessions.sum()), float(tasks.sum()))
        erred = np.bincount(self._company.team, sessions)
        done = np.bincount(self._company.team, tasks)
        return [team_rate(int(y), float(t), overall) for y, t in zip(erred, done, strict=True)]

    def _offset(self, day: int, rates: list[float]) -> float:
        exposed = self._company.exposed
        expected = -np.expm1(-self._weighted[:, day] * np.array(rates)[self._company.team])
        return log_offset(float(expected[exposed].sum()), float(expected[~exposed].sum()))


def _weighted_tasks(company: Company) -> Numbers:
    """Weigh each kind of task by its error rate over the mean rate before the stage."""
    before = slice(0, PRE_DAYS)
    errors = [int(each[:, before].sum()) for each in (company.hard_errors, company.easy_errors)]
    tasks = [int(each[:, before].sum()) for each in (company.hard, company.easy)]
    overall = overall_rate(sum(errors), float(sum(tasks)))
    hard, easy = (team_rate(y, float(t), overall) / overall for y, t in zip(errors, tasks, strict=True))
    return company.hard * hard + company.easy * easy


def learned(counted: Counted, offsets: list[float]) -> DidSplit:
    """Return the product's rule after the weeks before, at the start of the stage."""
    rule, exposed = DidSplit(), counted.company.exposed
    for day in range(PRE_DAYS):
        ours = int(counted.sessions[exposed, day].sum())
        theirs = int(counted.sessions[~exposed, day].sum())
        rule.learn_day([(i < ours, offsets[day]) for i in range(ours + theirs)])
    rule.begin_stage()
    return rule


def learned_by_days(counted: Counted, offsets: list[float]) -> DayByDay:
    """Return the same rule in numpy after the weeks before, at the start of the stage."""
    rule, exposed = DayByDay(), counted.company.exposed
    for day in range(PRE_DAYS):
        ours = int(counted.sessions[exposed, day].sum())
        theirs = int(counted.sessions[~exposed, day].sum())
        rule.learn_day(np.arange(ours + theirs) < ours, offsets[day])
    rule.begin_stage()
    return rule


def followed(rule: DidSplit, stream: list[ErrorAt], offsets: list[float]) -> Iterator[ErrorAt]:
    """Let `rule` take the stage; yields each error session after it was taken."""
    today = -1
    for error in stream:
        if error.day != today:
            rule.begin_day()
            today = error.day
        rule.take(error.exposed, offsets[PRE_DAYS + error.day])
        yield error


def experiment_rule(company: Company, stream: list[ErrorAt]) -> ErrorAt | None:
    """Return where the randomised rule acts: it believes that the exposed were drawn at random."""
    tasks = company.tasks[:, PRE_DAYS:]
    shares = tasks[company.exposed].sum(0) / np.maximum(tasks.sum(0), 1)
    rule = Conditional()
    for error in stream:
        share = float(np.clip(shares[error.day], 1e-6, 1 - 1e-6))
        rule.take(actor=str(error.person), treated=error.exposed, share=share)
        if rule.breached:
            return error
    return None


def naive_z(stream: list[ErrorAt]) -> ErrorAt | None:
    """Return where a one-sided z-test at 5 %, repeated at every error from 100 tasks on each side, first cries."""
    return next((each for each in stream if _enough_tasks(each) and _z(each) > 1.645), None)


def fixed_threshold(stream: list[ErrorAt]) -> ErrorAt | None:
    """Return where the exposed first err more than twice as often, from 100 tasks on each side."""
    return next((each for each in stream if _enough_tasks(each) and _is_double(each)), None)


def _enough_tasks(error: ErrorAt) -> bool:
    return min(error.exposed_tasks, error.other_tasks) >= 100


def _is_double(error: ErrorAt) -> bool:
    return error.exposed_errors * error.other_tasks > 2 * error.other_errors * error.exposed_tasks


def _z(error: ErrorAt) -> float:
    ours, theirs = error.exposed_errors / error.exposed_tasks, error.other_errors / error.other_tasks
    pooled = (error.exposed_errors + error.other_errors) / (error.exposed_tasks + error.other_tasks)
    return (ours - theirs) / sqrt(pooled * (1 - pooled) * (1 / error.exposed_tasks + 1 / error.other_tasks))
