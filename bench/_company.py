"""Simulated companies for the guardrail and forecast benches: whole teams exposed, unequal people, bursts, incidents.

Four weeks before and a stage of ten working days. Everything random comes from one numpy generator, so a seed is a
company. The errors drawn are error sessions: the repeats of one fault within half an hour, which the product counts
once, are not drawn. The defaults are the usual setting: ten tasks a day, 1 % errors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

PRE_DAYS, STAGE_DAYS = 20, 10
WEEK = 5
EXPOSED_PEOPLE = {30: 10, 100: 25, 300: 50, 500: 75}
_HARD_SHARE, _HARD_RATE, _EASY_RATE = (
    0.2,
    2.6,
    0.6,
)  # a fifth of the tasks are hard and fail 4.3 times as often

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is adverse about a company; the defaults are the clean one."""

    people_differ: bool = True
    team_spread: float = 0.0  # sd of log team rates
    exposed_worse: float = 1.0  # how many times as often exposed teams err anyway
    weekday_spread: float = 0.0
    team_day_shock: float = 0.0
    incident_share: float = 0.0  # of days; everybody errs 3 to 10 times as often
    stage_incident: float = 0.0  # one day of the stage; 0 is none
    incident_harder: float = 1.0  # how much harder incidents hit the exposed teams
    local_incident: float = 0.0  # one day of the stage, exposed teams only
    drift_a_day: float = 0.0  # sd of a team's daily step of its log rate
    mix_shifts: bool = False  # exposed teams do more hard tasks in the stage
    worst_away: bool = (
        False  # a third of the exposed, the most error-prone, are away for half of the weeks before
    )


_TYPICAL = Scenario(team_spread=0.5, weekday_spread=0.3, team_day_shock=0.3, incident_share=0.06)
SCENARIOS = {
    "clean": Scenario(people_differ=False),
    "typical": _TYPICAL,
    "exposed teams 3x worse before": Scenario(exposed_worse=3.0),
    "task mix shifts": Scenario(mix_shifts=True),
    "incident hits exposed 3x harder": Scenario(
        stage_incident=10.0, incident_harder=3.0, incident_share=0.06
    ),
    "teams drift .08 a day": Scenario(drift_a_day=0.08),
    "all adverse": replace(_TYPICAL, stage_incident=10.0, worst_away=True, drift_a_day=0.04),
    "local incident x10": Scenario(local_incident=10.0),
}


@dataclass(frozen=True, slots=True)
class Company:
    """Rows are people, columns days; the stage's days follow those before."""

    team: Counts
    exposed: NDArray[np.bool_]  # by person
    hard: Counts  # tasks
    easy: Counts
    hard_errors: Counts
    easy_errors: Counts

    @property
    def tasks(self) -> Counts:
        return self.hard + self.easy

    @property
    def errors(self) -> Counts:
        return self.hard_errors + self.easy_errors


def a_company(
    rng: Generator,
    scenario: Scenario,
    *,
    people: int,
    tasks_a_day: float = 10.0,
    baseline: float = 0.01,
    harm: float = 0.0,
    times: float = 1.0,
    days: int = PRE_DAYS + STAGE_DAYS,
    next_teams_on: int | None = None,
) -> Company:
    """Draw one company; while exposed, people's error rate is `times` as high and `harm` (a share) is added.

    The first two teams are exposed from the stage on; teams 2 and 3 follow on day `next_teams_on`.
    """
    team, exposed = _teams(people)
    proneness = _proneness(rng, scenario, team, baseline)
    tasks = _tasks(rng, scenario, team, proneness, tasks_a_day, days)
    hard_share = np.full(tasks.shape, _HARD_SHARE)
    if scenario.mix_shifts:
        hard_share[exposed, PRE_DAYS:] = 0.5
    hard = rng.binomial(tasks, hard_share)
    weather = _weather(rng, scenario, team, exposed, days)
    since = np.where(exposed, PRE_DAYS, days)
    if next_teams_on is not None:
        since[(team == 2) | (team == 3)] = next_teams_on
    on = np.arange(days)[None, :] >= since[:, None]
    rate = proneness[:, None] * weather * np.where(on, times, 1.0)
    added = np.where(on, harm, 0.0)
    hard_errors = rng.binomial(hard, np.clip(rate * _HARD_RATE + added, 0, 0.9))
    easy_errors = rng.binomial(tasks - hard, np.clip(rate * _EASY_RATE + added, 0, 0.9))
    return Company(team, exposed, hard, tasks - hard, hard_errors, easy_errors)


def _teams(people: int) -> tuple[Counts, NDArray[np.bool_]]:
    """Two exposed teams (60 and 40 %), the others in teams of ten or twenty."""
    ours = EXPOSED_PEOPLE[people]
    first = round(0.6 * ours)
    size = 10 if people <= 100 else 20
    others = 2 + np.arange(people - ours) % max(2, round((people - ours) / size))
    team = np.concatenate([np.zeros(first, int), np.ones(ours - first, int), others])
    return team, team < 2


def _proneness(rng: Generator, scenario: Scenario, team: Counts, baseline: float) -> Numbers:
    """Draw each person's error rate per task; where people differ a few make most of the errors."""
    by_team = np.exp(rng.normal(0, scenario.team_spread, team.max() + 1))
    by_team[:2] *= scenario.exposed_worse
    mean = np.clip(baseline * by_team[team], 1e-5, 0.3)
    return rng.beta(0.6, 0.6 * (1 - mean) / mean) if scenario.people_differ else mean


def _tasks(
    rng: Generator, scenario: Scenario, team: Counts, proneness: Numbers, tasks_a_day: float, days: int
) -> Counts:
    people, weekday = len(team), np.arange(days) % WEEK
    pace = tasks_a_day * np.exp(rng.normal(-0.18, 0.6, people))
    rhythm = np.exp(rng.normal(0, scenario.weekday_spread, (team.max() + 1, WEEK)))
    rhythm /= rhythm.mean(1, keepdims=True)
    load = pace[:, None] * rhythm[team][:, weekday] * rng.gamma(4, 0.25, (people, days))
    return rng.poisson(load) * _present(rng, scenario, team, proneness, days)


def _present(
    rng: Generator, scenario: Scenario, team: Counts, proneness: Numbers, days: int
) -> NDArray[np.bool_]:
    """A day off in twelve, a week off in twelve."""
    people = len(team)
    present = rng.random((people, days)) < 0.92
    present &= np.repeat(rng.random((people, -(-days // WEEK))) > 0.08, WEEK, axis=1)[:, :days]
    if scenario.worst_away:
        ours = np.flatnonzero(team < 2)
        worst = ours[np.argsort(-proneness[ours])[: max(1, len(ours) // 3)]]
        present[np.ix_(worst, np.arange(PRE_DAYS // 2))] = False
    return present


def _weather(
    rng: Generator, scenario: Scenario, team: Counts, exposed: NDArray[np.bool_], days: int
) -> Numbers:
    """Draw how many times as often than usual each person errs on each day."""
    teams, weekday = team.max() + 1, np.arange(days) % WEEK
    rhythm = np.exp(rng.normal(0, 0.7 * scenario.weekday_spread, (teams, WEEK)))
    rhythm /= rhythm.mean(1, keepdims=True)
    shock = scenario.team_day_shock
    by_team = np.log(rhythm[:, weekday]) + rng.normal(-(shock**2) / 2, shock, (teams, days))
    by_team += np.cumsum(rng.normal(0, scenario.drift_a_day, (teams, days)), axis=1)
    incident = np.where(rng.random(days) < scenario.incident_share, rng.uniform(3, 10, days), 1.0)
    bad_day = PRE_DAYS + int(rng.integers(0, STAGE_DAYS))
    if scenario.stage_incident:
        incident[bad_day] = scenario.stage_incident
    weather = np.exp(by_team)[team] * incident
    weather[exposed] *= np.where(incident > 1, scenario.incident_harder, 1.0)
    if scenario.local_incident:
        weather[exposed, bad_day] *= scenario.local_incident
    return weather
