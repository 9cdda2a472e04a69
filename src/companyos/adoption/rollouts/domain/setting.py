"""What a company does, and what it expects of a feature: all that can be known when a plan is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.cohorts import cohort_at
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.people.identity.domain.types import PersonRow

WEEK = 5  # working days


@dataclass(frozen=True, slots=True)
class Setting:
    """What the whole company does in a week, and what is hoped of the feature. Shares lie between 0 and 1."""

    headcount: int
    cases_a_week: float  # of everybody together, when all are at work
    response: float = 0.5  # share of those asked in a survey who answer
    error_rate: float = 0.01  # share of cases that failed before
    expected_success: float = 0.997  # share of cases that succeed with the feature
    expected_completion: float = 0.97  # share of cases begun that are done
    expected_happy: float = 0.9  # share of answers that are satisfied
    expected_gain: float = 0.02  # points of completion, or log of time saved, by the same people
    days_before: int = 20  # working days on record before the plan starts

    def __post_init__(self) -> None:
        shares = (self.response, self.expected_success, self.expected_completion, self.expected_happy)
        if self.headcount < 1 or self.cases_a_week <= 0 or not 0 < self.error_rate < 1:
            raise ValueError(f"a company has people, cases and errors to compare with, got {self}")
        if not all(0 <= each <= 1 for each in shares):
            raise ValueError(f"shares lie between 0 and 1, got {self}")


CASES_OF_A_PERSON = 10.0  # a week, where nothing is measured or told


def setting_told(headcount: int, told: Mapping[str, float]) -> Setting:
    """Return a setting from what a plan expects; what is not told has a default.

    `cases_a_week`, `response` and `error_rate` are of today; `success` is the share hoped for with the feature.

    Raises ValueError for figures that no company has.
    """
    guess = Setting(max(1, headcount), CASES_OF_A_PERSON * max(1, headcount))
    return replace(
        guess,
        cases_a_week=told.get("cases_a_week", guess.cases_a_week),
        response=told.get("response", guess.response),
        error_rate=told.get("error_rate", guess.error_rate),
        expected_success=told.get("success", guess.expected_success),
    )


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many people a stage concerns."""

    joining: int
    on: int
    everybody: int

    @property
    def others(self) -> int:
        return self.everybody - self.on


def crowds_of(plan: Plan, people: Sequence[PersonRow]) -> tuple[Crowd, ...]:
    """Return who joins and who is on at each stage, from the directory."""
    on = [len(people_of(cohort_at(plan, index, people))) for index in range(len(plan.stages))]
    return tuple(
        Crowd(here - before, here, len(people)) for before, here in zip([0, *on[:-1]], on, strict=True)
    )


def scaled(crowds: Sequence[Crowd], headcount: int) -> tuple[Crowd, ...]:
    """Return the same stages in a company of another size, each with at least one person."""
    found, before = [], 0
    for crowd in crowds:
        on = max(before, min(headcount, round(crowd.on * headcount / max(1, crowd.everybody))))
        found.append(Crowd(on - before, on, headcount))
        before = on
    return tuple(found)
