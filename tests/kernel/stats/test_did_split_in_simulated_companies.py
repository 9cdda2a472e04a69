"""The rule judged by what it does to whole stages in simulated companies of a hundred people.

Four weeks before, two stage weeks; two whole teams of 25 people are exposed; people and days differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from random import Random

import pytest

from companyos.kernel.error_sessions import SESSIONS_PER_PERSON_DAY
from companyos.kernel.stats.binomial import lower_bound, upper_bound
from companyos.kernel.stats.did_split import MIN_EXPOSED_SESSIONS, ROLL_BACK_AT, DidSplit
from companyos.kernel.stats.expected_errors import (
    expected_of_person_day,
    log_offset,
    overall_rate,
    team_rate,
)

TEAM_SIZES = (15, 10, 11, 11, 11, 11, 11, 10, 10)
EXPOSED_TEAMS = (0, 1)
PRE_DAYS = range(20)
STAGE_DAYS = range(20, 30)
BASELINE = 0.01
TASKS_A_DAY = 10


@dataclass(frozen=True, slots=True)
class PersonDay:
    team: int
    day: int
    tasks: int
    sessions: int

    @property
    def exposed(self) -> bool:
        return self.team in EXPOSED_TEAMS


def a_company(random: Random, *, worse_before: float, harm: float) -> list[PersonDay]:
    """Exposed teams err `worse_before` times as often all along; `harm` is added to their rate in the stage."""
    days = []
    for team, size in enumerate(TEAM_SIZES):
        usual = BASELINE * (worse_before if team in EXPOSED_TEAMS else 1.0)
        for _ in range(size):
            proneness = random.gammavariate(0.6, usual / 0.6)
            pace = TASKS_A_DAY * exp(random.gauss(-0.18, 0.6))
            for day in (*PRE_DAYS, *STAGE_DAYS):
                if random.random() < 0.08:
                    continue  # away
                tasks = round(random.gammavariate(4, pace / 4))
                added = harm if day in STAGE_DAYS and team in EXPOSED_TEAMS else 0.0
                errors = _poisson(random, tasks * (proneness + added))
                days.append(PersonDay(team, day, tasks, min(errors, SESSIONS_PER_PERSON_DAY)))
    return days


def is_rolled_back(random: Random, company: list[PersonDay]) -> bool:
    by_day = [[each for each in company if each.day == day] for day in (*PRE_DAYS, *STAGE_DAYS)]
    weeks = [by_day[start : start + 5] for start in range(0, len(PRE_DAYS), 5)]
    rule = DidSplit()
    for week in weeks:
        rates = _team_rates([other for other in weeks if other is not week])  # never judged by its own week
        for day in week:
            offset = _offset(day, rates)
            rule.learn_day([(exposed, offset) for exposed in _sessions(random, day)])
    rule.begin_stage()
    rates = _team_rates(weeks)
    return any(_rolls_back_on(random, rule, by_day[day], rates) for day in STAGE_DAYS)


def rollbacks(seed: int, companies: int, *, worse_before: float, harm: float) -> int:
    random = Random(seed)
    worlds = (a_company(random, worse_before=worse_before, harm=harm) for _ in range(companies))
    return sum(is_rolled_back(random, world) for world in worlds)


@pytest.mark.parametrize("seed", [4_711])
def test_teams_that_always_erred_three_times_as_often_are_rarely_rolled_back(seed: int) -> None:
    false_alarms = rollbacks(seed, 160, worse_before=3.0, harm=0.0)
    assert upper_bound(false_alarms, 160, 0.95) <= 0.05


@pytest.mark.parametrize("seed", [4_712])
def test_a_feature_that_takes_errors_from_1_to_5_percent_is_mostly_rolled_back(seed: int) -> None:
    found = rollbacks(seed, 60, worse_before=1.0, harm=0.04)
    assert lower_bound(found, 60, 0.95) >= 0.75


def _poisson(random: Random, mean: float) -> int:
    count, left = 0, random.random() - exp(-mean)
    chance = exp(-mean)
    while left > 0:
        count += 1
        chance *= mean / count
        left -= chance
        if chance < 1e-12:
            break
    return count


def _rolls_back_on(random: Random, rule: DidSplit, day: list[PersonDay], rates: list[float]) -> bool:
    rule.begin_day()
    offset = _offset(day, rates)
    evidence = (rule.take(exposed, offset) for exposed in _sessions(random, day))
    return any(each >= ROLL_BACK_AT and rule.exposed_sessions >= MIN_EXPOSED_SESSIONS for each in evidence)


def _sessions(random: Random, day: list[PersonDay]) -> list[bool]:
    exposed = [each.exposed for each in day for _ in range(each.sessions)]
    random.shuffle(exposed)
    return exposed


def _offset(day: list[PersonDay], rates: list[float]) -> float:
    expected = {True: 0.0, False: 0.0}
    for each in day:
        expected[each.exposed] += expected_of_person_day(each.tasks, rates[each.team])
    return log_offset(expected[True], expected[False])


def _team_rates(weeks: list[list[list[PersonDay]]]) -> list[float]:
    sessions, tasks = [0] * len(TEAM_SIZES), [0] * len(TEAM_SIZES)
    for each in (person_day for week in weeks for day in week for person_day in day):
        sessions[each.team] += each.sessions
        tasks[each.team] += each.tasks
    overall = overall_rate(sum(sessions), sum(tasks))
    return [team_rate(sessions[team], tasks[team], overall) for team in range(len(TEAM_SIZES))]
