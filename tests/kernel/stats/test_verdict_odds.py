"""Odds of plans beside what the gates themselves say of simulated companies."""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from random import Random
from time import process_time

import pytest

from companyos.kernel.stats import stability, verdict_odds
from companyos.kernel.stats.finding import Answer, Finding
from companyos.kernel.stats.guardrail_power import PRESENT
from companyos.kernel.stats.improvement import MIN_PEOPLE, MIN_TASKS, change_interval, judge_change
from companyos.kernel.stats.opinions import Promoters, judge_promoters, judge_satisfaction
from companyos.kernel.stats.stability import judge_stability
from companyos.kernel.stats.verdict_odds import (
    Cohort,
    Odds,
    odds_of_enough_cases,
    odds_of_improvement,
    odds_of_incidents,
    odds_of_promoters,
    odds_of_satisfaction,
    odds_of_stability,
)

RUNS = 300


def simulated(judged: Callable[[], Finding]) -> Odds:
    answers = [judged().answer for _ in range(RUNS)]
    return Odds(answers.count(Answer.PASSED) / RUNS, answers.count(Answer.FAILED) / RUNS)


def binomial(random: Random, n: int, chance: float) -> int:
    return sum(random.random() < chance for _ in range(n))


def assert_alike(told: Odds, real: Odds, *, within: float = 0.08) -> None:
    assert (told.passes, told.fails) == pytest.approx((real.passes, real.fails), abs=within)


@pytest.mark.parametrize("seed", [179])
@pytest.mark.parametrize(("cases", "true_share"), [(300, 0.99), (300, 0.97), (150, 0.998), (600, 0.94)])
def test_stability_r179(seed: int, cases: float, true_share: float) -> None:
    random, cohort = Random(seed), Cohort(20, cases)

    def judged() -> Finding:
        tasks = round(cohort.cases(2) * random.gauss(1, 0.15))
        return judge_stability(binomial(random, tasks, 1 - true_share), tasks, target=0.98)

    told = odds_of_stability(cohort, weeks=2, target=0.98, true_share=true_share)
    assert_alike(told, simulated(judged), within=0.1)


@pytest.mark.parametrize("seed", [180])
@pytest.mark.parametrize(
    ("people", "response", "true_share"), [(20, 0.6, 0.9), (60, 0.5, 0.9), (60, 0.5, 0.6), (40, 0.35, 0.95)]
)
def test_satisfaction_r179(seed: int, people: int, response: float, true_share: float) -> None:
    random = Random(seed)

    def judged() -> Finding:
        answers = binomial(random, people, response)
        return judge_satisfaction(binomial(random, answers, true_share), answers, people)

    assert_alike(odds_of_satisfaction(Cohort(people, 0, response), true_share=true_share), simulated(judged))


@pytest.mark.parametrize("seed", [181])
@pytest.mark.parametrize("target", [0, 30, 70])
def test_promoters_r179(seed: int, target: float) -> None:
    random = Random(seed)

    def judged() -> Finding:
        answers = binomial(random, 80, 0.7)
        up = binomial(random, answers, 0.6)
        down = binomial(random, answers - up, 0.375)
        return judge_promoters(Promoters(up, answers - up - down, down), 80, target=target)

    told = odds_of_promoters(Cohort(80, 0, 0.7), target=target, true_score=45, spread=0.74)
    assert_alike(told, simulated(judged), within=0.1)


@pytest.mark.parametrize("seed", [182])
@pytest.mark.parametrize(("people", "tasks_a_week", "gain"), [(12, 15, 0.03), (25, 8, 0.0), (40, 12, -0.05)])
def test_improvement_r179(seed: int, people: int, tasks_a_week: float, gain: float) -> None:
    random = Random(seed)

    def change(tasks: list[int]) -> float:
        noise = sum(0.09 / each for each in tasks)
        return random.gauss(gain, (noise + 0.05**2) ** 0.5)

    def judged() -> Finding:
        halves = []
        for _ in range(people):
            pace = tasks_a_week * PRESENT * 2 * exp(random.gauss(-0.18, 0.6))
            halves.append([binomial(random, 400, min(1.0, pace / 400)) for _ in range(2)])
        changes = [change(each) for each in halves if min(each) >= MIN_TASKS]
        if len(changes) < MIN_PEOPLE:
            return Finding(Answer.NOT_ENOUGH, "")
        found = change_interval(changes)
        return judge_change(found, people=len(changes), margin=0.05, at_target=False, unit="points")

    told = odds_of_improvement(Cohort(people, people * tasks_a_week), weeks=5, true_gain=gain)
    assert_alike(told, simulated(judged), within=0.13)


def test_counts_and_incidents() -> None:
    cohort = Cohort(30, 50)
    assert odds_of_enough_cases(cohort, weeks=2, least=40).verdict > 0.99
    assert odds_of_enough_cases(cohort, weeks=2, least=140).verdict < 0.01
    assert odds_of_enough_cases(cohort, weeks=2, least=0) == Odds(1.0, 0.0)
    assert odds_of_incidents(cohort, weeks=4, least_person_weeks=90).verdict > 0.99
    assert odds_of_incidents(cohort, weeks=4, least_person_weeks=110).verdict < 0.1
    assert odds_of_incidents(cohort, weeks=3, least_person_weeks=0).verdict == 0
    assert odds_of_incidents(Cohort(0, 0), weeks=8, least_person_weeks=1).verdict == 0


def test_a_company_without_people_or_cases_reaches_nothing() -> None:
    nobody = Cohort(0, 0.0)
    for odds in (
        odds_of_stability(nobody, weeks=2, target=0.98, true_share=0.999),
        odds_of_satisfaction(nobody),
        odds_of_promoters(nobody, target=30, true_score=60),
        odds_of_improvement(nobody, weeks=5, true_gain=0.03),
        odds_of_enough_cases(nobody, weeks=5, least=1),
    ):
        assert odds.verdict == 0
        assert not odds.reachable


def test_a_plan_of_ten_gates_takes_less_than_a_tenth_of_a_second() -> None:
    """The best of three with empty caches: other work on the machine is not what is asked."""

    def seconds() -> float:
        for each in (
            stability.most_failures_to_pass,
            stability.fewest_failures_to_fail,
            verdict_odds._t_of_80_percent,
            verdict_odds._chance_of_enough_tasks,
            verdict_odds._chance_happy_enough,
            verdict_odds._chance_unhappy_enough,
        ):
            each.cache_clear()
        began = process_time()
        for people in (30, 300):
            cohort = Cohort(people, 20 * people)
            odds_of_stability(cohort, weeks=2, target=0.995, true_share=0.999)
            odds_of_satisfaction(cohort)
            odds_of_promoters(cohort, target=30, true_score=45)
            odds_of_incidents(cohort, weeks=4, least_person_weeks=60)
            odds_of_improvement(cohort, weeks=5, true_gain=0.03)
        return process_time() - began

    assert min(seconds() for _ in range(3)) < 0.1


@pytest.mark.parametrize(("people", "cases", "response"), [(-1, 0, 0.5), (1, -1, 0.5), (1, 1, 1.5)])
def test_an_impossible_cohort_is_refused(people: int, cases: float, response: float) -> None:
    with pytest.raises(ValueError, match="a cohort has"):
        Cohort(people, cases, response)
