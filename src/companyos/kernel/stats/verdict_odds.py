"""The chance that a gate passes, fails or ends without an answer, from what a company of this size does (R179).

Closed forms and sums over a few hundred cases: a plan's gates take milliseconds. They answer one question before a
plan starts: can a company of this size answer what the plan asks? What is assumed of the feature is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import exp, sqrt
from statistics import NormalDist

from companyos.kernel.stats.beta import binomial_at_most, incomplete_beta
from companyos.kernel.stats.guardrail_power import PRESENT
from companyos.kernel.stats.improvement import MIN_PEOPLE, MIN_TASKS
from companyos.kernel.stats.opinions import (
    IMAGINED_ANSWERS,
    MIN_ANSWERS,
    MIN_RESPONSE,
    satisfaction_fails,
    satisfaction_passes,
)
from companyos.kernel.stats.paired import student_t
from companyos.kernel.stats.stability import chance_of_verdict, chance_to_pass

_NORMAL = NormalDist()
_VOLUMES = 0.8, 1.0, 1.2  # a company does not do exactly what it planned to
_PACE_SPREAD = 0.6  # sd of the log of how much one person does
_QUANTILES = [(i + 0.5) / 20 for i in range(20)]
REACHABLE = 0.9
"""A plan's gate should reach a verdict with at least this chance."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who a gate asks, and what they do."""

    people: int
    cases_a_week: float  # of all of them together, when all are at work
    response: float = 0.5  # share of those asked who answer

    def __post_init__(self) -> None:
        if self.people < 0 or self.cases_a_week < 0 or not 0 <= self.response <= 1:
            raise ValueError(f"a cohort has people, cases and a response between 0 and 1, got {self}")

    def cases(self, weeks: float) -> float:
        """Return how many cases to expect in `weeks`, absence taken off."""
        return self.cases_a_week * PRESENT * weeks


@dataclass(frozen=True, slots=True)
class Odds:
    """Chances of a pass and of a fail by the gate's date; what is missing to 1 ends without an answer."""

    passes: float
    fails: float

    @property
    def verdict(self) -> float:
        return min(1.0, self.passes + self.fails)

    @property
    def reachable(self) -> bool:
        return self.verdict >= REACHABLE


def odds_of_stability(
    cohort: Cohort, *, weeks: float, target: float, true_share: float, confidence: float = 0.95
) -> Odds:
    """Return the odds of a success-share gate (`stability`) when truly `true_share` of the tasks succeed."""
    chances = []
    for volume in _VOLUMES:
        tasks, asked = round(volume * cohort.cases(weeks)), {"target": target, "confidence": confidence}
        if not tasks:
            return Odds(0.0, 0.0)
        passes = chance_to_pass(tasks, true_share=true_share, **asked)
        chances.append(Odds(passes, chance_of_verdict(tasks, true_share=true_share, **asked) - passes))
    return _mean(chances)


def odds_of_enough_cases(cohort: Cohort, *, weeks: float, least: int) -> Odds:
    """Return the odds that at least `least` cases are done: a count rule, or a gate's minimum. It never fails."""
    if least <= 0:
        return Odds(1.0, 0.0)
    chances = [_poisson_at_least(least, volume * cohort.cases(weeks)) for volume in _VOLUMES]
    return Odds(sum(chances) / len(chances), 0.0)


def odds_of_satisfaction(cohort: Cohort, *, target: float = 0.8, true_share: float = 0.9) -> Odds:
    """Return the odds of a satisfaction gate (`opinions`) when all are asked and truly `true_share` are happy."""
    chances = [
        (weight, answers) for answers, weight in _answers(cohort) if answers >= _fewest_answers(cohort)
    ]
    return Odds(
        sum(weight * _chance_happy_enough(answers, target, true_share) for weight, answers in chances),
        sum(weight * _chance_unhappy_enough(answers, target, true_share) for weight, answers in chances),
    )


def odds_of_promoters(
    cohort: Cohort, *, target: float, true_score: float, spread: float = 0.7, confidence: float = 0.95
) -> Odds:
    """Return the odds of a net promoter gate; scores -100 to 100, `spread` the sd of one answer (-1, 0 or 1)."""
    reach = _NORMAL.inv_cdf((1 + confidence) / 2)
    passes = fails = 0.0
    for answers, weight in _answers(cohort):
        if answers >= _fewest_answers(cohort):
            drawn_in = answers / (answers + IMAGINED_ANSWERS)
            error = drawn_in * spread / sqrt(answers)
            ahead = (true_score * drawn_in - target) / 100
            bound = reach * spread / sqrt(answers + IMAGINED_ANSWERS)
            passes += weight * _NORMAL.cdf((ahead - bound) / error)
            fails += weight * _NORMAL.cdf((-ahead - bound) / error)
    return Odds(passes, fails)


def odds_of_incidents(cohort: Cohort, *, weeks: float, least_person_weeks: float) -> Odds:
    """Return the odds that a severe-bug gate may be judged at all; `incident_trend` then always answers.

    Passing is assumed: whether bugs will rise is not known when a plan is written.
    """
    if weeks < 4:  # two halves of two weeks
        return Odds(0.0, 0.0)
    person_weeks = round(cohort.people * weeks)
    return Odds(_at_least(least_person_weeks, person_weeks, PRESENT), 0.0)


def odds_of_improvement(
    cohort: Cohort,
    *,
    weeks: float,
    true_gain: float,
    margin: float = 0.05,
    task_spread: float = 0.3,
    person_spread: float = 0.05,
    at_target: bool = False,
) -> Odds:
    """Return the odds of a completion or time gate (`improvement`) `weeks` after exposure, week 1 dropped.

    `true_gain` is a share (completion) or the log of time saved; `task_spread` the sd of one task's outcome,
    `person_spread` how differently people really change.
    """
    tasks_each = cohort.cases(max(0.0, weeks - 1)) / 2 / cohort.people if cohort.people else 0.0
    joins = _chance_of_enough_tasks(round(tasks_each, 6))
    variance = 2 * task_spread**2 / max(tasks_each, MIN_TASKS) + person_spread**2
    passes = fails = 0.0
    for people, weight in _counts(cohort.people, joins):
        if people >= MIN_PEOPLE:
            odds = _odds_of_mean(people, sqrt(variance / people), true_gain, margin, at_target)
            passes, fails = passes + weight * odds.passes, fails + weight * odds.fails
    return Odds(passes, fails)


def _odds_of_mean(people: int, error: float, gain: float, margin: float, at_target: bool) -> Odds:
    reach = _t_of_80_percent(people - 1) * error
    least = reach - margin if at_target else max(0.0, reach - margin)
    return Odds(_NORMAL.cdf((gain - least) / error), _NORMAL.cdf((-reach - gain) / error))


@lru_cache(maxsize=4096)
def _t_of_80_percent(degrees: int) -> float:
    return student_t(0.8, degrees)


@lru_cache(maxsize=4096)
def _chance_of_enough_tasks(mean: float) -> float:
    """Chance that a person has the least number of tasks in both halves; people work at different paces."""
    paces = (mean * exp(_NORMAL.inv_cdf(q) * _PACE_SPREAD - _PACE_SPREAD**2 / 2) for q in _QUANTILES)
    return sum(_poisson_at_least(MIN_TASKS, pace) ** 2 for pace in paces) / len(_QUANTILES)


@lru_cache(maxsize=4096)
def _chance_happy_enough(answers: int, target: float, true_share: float) -> float:
    least = next((k for k in range(answers + 1) if satisfaction_passes(k, answers, target)), answers + 1)
    return 1 - binomial_at_most(least - 1, answers, true_share)


@lru_cache(maxsize=4096)
def _chance_unhappy_enough(answers: int, target: float, true_share: float) -> float:
    most = next((k for k in range(answers, -1, -1) if satisfaction_fails(k, answers, target)), -1)
    return binomial_at_most(most, answers, true_share)


def _fewest_answers(cohort: Cohort) -> float:
    return max(MIN_ANSWERS, MIN_RESPONSE * cohort.people)


def _answers(cohort: Cohort) -> Iterator[tuple[int, float]]:
    return _counts(cohort.people, cohort.response)


def _counts(n: int, chance: float) -> Iterator[tuple[int, float]]:
    """Yield each likely binomial count with its probability, within four standard deviations."""
    reach = 4 * sqrt(n * chance * (1 - chance)) + 1
    for k in range(max(0, int(n * chance - reach)), min(n, int(n * chance + reach)) + 1):
        yield k, binomial_at_most(k, n, chance) - binomial_at_most(k - 1, n, chance)


def _at_least(least: float, n: int, chance: float) -> float:
    return 1 - binomial_at_most(round(least) - 1, n, chance)


def _poisson_at_least(least: int, mean: float) -> float:
    """Chance of `least` or more where `mean` are expected, as the binomial of a million chances."""
    chances = 1_000_000
    return incomplete_beta(least, chances - least + 1, min(1.0, mean / chances)) if mean > 0 else 0.0


def _mean(odds: list[Odds]) -> Odds:
    return Odds(sum(each.passes for each in odds) / len(odds), sum(each.fails for each in odds) / len(odds))
