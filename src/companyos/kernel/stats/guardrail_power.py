"""What the guardrail of a stage of whole teams can catch at its traffic, before the stage starts.

A closed form in place of a simulation, fast enough for a page: the rule acts when the log of the error-rate ratio lies
2.2 standard errors above 0. Its constants were fitted to simulated stages of 30 to 300 people, 2 to 30 tasks a day and
1 to 2 % errors (`bench/guardrails.py` prints them beside each other): chances are right to about 8 points, days to a
factor of two. Below about 100 exposed tasks a week only breakage is caught.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, sqrt
from statistics import NormalDist

from companyos.kernel.stats.did_split import MIN_EXPOSED_SESSIONS
from companyos.kernel.stats.effect import MIN_EXPOSED_TASKS, SAFE_PROBABILITY, harmful_ratio
from companyos.kernel.stats.null_prior import DRIFT_ALLOWANCE

MIN_TASKS_A_WEEK = 100  # exposed; below it the page says that people watch this stage
PRESENT = 0.85  # share of person-days worked: holidays, absence
_SLOPE, _STANDARD_ERRORS, _TEAMS_STRAY, _DAYS_STRAY = 0.9, 2.2, 0.1, 0.1
_SESSIONS_A_PERSON_DAY = 2.5  # near the cap of three, more errors tell nothing new
_STEPS_A_DAY = 20
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the exposed and the others do in a stage; all rates are of error sessions per task."""

    exposed_people: int
    exposed_tasks_a_day: float  # by all of them together, on a full working day
    other_tasks_a_day: float
    error_rate: float  # before the stage, as a share
    days_before: float = 20.0  # working days of baseline

    def __post_init__(self) -> None:
        if min(self.exposed_people, self.exposed_tasks_a_day, self.other_tasks_a_day, self.days_before) < 0:
            raise ValueError(f"traffic cannot be negative: {self}")
        if not 0 < self.error_rate < 1:
            raise ValueError(
                f"the error rate before the stage is a share between 0 and 1, got {self.error_rate}"
            )


def chance_to_catch(traffic: Traffic, harmful_rate: float, *, days: float) -> float:
    """Return the chance that a stage of `days` working days is rolled back when errors rise to `harmful_rate`.

    `harmful_rate` is a share of tasks (0.05 is 5 %). Without anybody unexposed there is no automatic rollback: 0.
    """
    ratio = harmful_rate / traffic.error_rate
    if ratio <= 1 or days <= 0 or not _compares(traffic):
        return 0.0
    most = traffic.exposed_people * PRESENT * _SESSIONS_A_PERSON_DAY * days
    seen = min(_sessions(traffic, traffic.exposed_tasks_a_day, days) * ratio, most)
    spread = sqrt(_variance(traffic, seen, days) + _TEAMS_STRAY + _DAYS_STRAY / days)
    enough = 1.0 if seen >= MIN_EXPOSED_SESSIONS else seen / MIN_EXPOSED_SESSIONS
    return enough * _NORMAL.cdf(_SLOPE * log(ratio) / spread - _STANDARD_ERRORS)


def days_to_catch(traffic: Traffic, harmful_rate: float, *, days: int) -> float | None:
    """Return about how many working days pass until half of such stages are rolled back; None when fewer ever are."""
    looks = (step / _STEPS_A_DAY for step in range(1, days * _STEPS_A_DAY + 1))
    return next((at for at in looks if chance_to_catch(traffic, harmful_rate, days=at) >= 0.5), None)


def smallest_caught(traffic: Traffic, *, days: float, chance: float = 0.8) -> float | None:
    """Return the error rate (a share) from which a stage is rolled back with `chance`; None when 50 % is not."""
    low, high = traffic.error_rate, 0.5
    if chance_to_catch(traffic, high, days=days) < chance:
        return None
    for _ in range(30):
        middle = sqrt(low * high)
        low, high = (low, middle) if chance_to_catch(traffic, middle, days=days) >= chance else (middle, high)
    return high


def what_is_caught(traffic: Traffic, *, days: float) -> str:
    """Say what the stage's guardrail could and could not catch, for the plan's page."""
    a_week = traffic.exposed_tasks_a_day * PRESENT * 5
    mostly, rarely = (smallest_caught(traffic, days=days, chance=chance) for chance in (0.8, 0.2))
    if mostly is None or rarely is None or a_week < MIN_TASKS_A_WEEK:
        return (
            f"people watch this stage: at {a_week:.0f} exposed tasks a week statistics catch breakage at most"
        )
    return (
        f"errors rising from {traffic.error_rate:.1%} to {mostly:.1%} are taken back in four of five stages of"
        f" {days:.0f} days, a rise to {rarely:.1%} in one of five"
    )


def chance_to_be_safe(traffic: Traffic, *, days: float, points_of_harm: float = 0.02) -> float:
    """Return the chance that a harmless stage of `days` working days proves itself safe to advance.

    See `effect.safe_to_advance`; `points_of_harm` is a share. Never below 100 exposed tasks.
    """
    if traffic.exposed_tasks_a_day * PRESENT * days < MIN_EXPOSED_TASKS or not _compares(traffic):
        return 0.0
    sampling = _variance(traffic, _sessions(traffic, traffic.exposed_tasks_a_day, days), days)
    believed = sqrt(sampling + DRIFT_ALLOWANCE**2)
    room = (
        log(harmful_ratio(traffic.error_rate, points_of_harm)) - _NORMAL.inv_cdf(SAFE_PROBABILITY) * believed
    )
    return _NORMAL.cdf(
        room / sqrt(sampling + DRIFT_ALLOWANCE**2 / 2)
    )  # real teams stray less than is allowed for


def _compares(traffic: Traffic) -> bool:
    return min(traffic.exposed_tasks_a_day, traffic.other_tasks_a_day, traffic.days_before) > 0


def _sessions(traffic: Traffic, tasks_a_day: float, days: float) -> float:
    return tasks_a_day * PRESENT * days * traffic.error_rate


def _variance(traffic: Traffic, exposed_sessions: float, days: float) -> float:
    """Variance of the log of (exposed over others, now) over (exposed over others, before)."""
    others = _sessions(traffic, traffic.other_tasks_a_day, days)
    before = (
        _sessions(traffic, tasks, traffic.days_before)
        for tasks in (traffic.exposed_tasks_a_day, traffic.other_tasks_a_day)
    )
    return (1 / exposed_sessions if exposed_sessions else inf) + sum(
        1 / (each + 0.5) for each in (others, *before)
    )
