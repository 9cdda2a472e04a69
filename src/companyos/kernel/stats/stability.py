"""Whether enough tasks get done: the exact judgement of a success share, and what a plan can expect of it.

The unit is the task session, not the retry: counting every retry passes wrongly in a quarter of the cases. The claim is
about these people, not about others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import ceil

from companyos.kernel.stats.beta import binomial_at_most
from companyos.kernel.stats.binomial import lower_bound, smallest_n_to_pass, upper_bound
from companyos.kernel.stats.finding import Answer, Finding
from companyos.kernel.stats.interval import check_confidence

_FAILURES_WORTH_A_FORECAST = 200


def judge_stability(
    failed: int, tasks: int, *, target: float, confidence: float = 0.95, tasks_a_day: float = 0.0
) -> Finding:
    """Judge `failed` of `tasks` against a share of successes of at least `target`.

    Passes when the exact lower bound reaches the target, fails when the upper bound does not (Clopper and Pearson
    1934, each one-sided at `confidence`). `tasks_a_day`, where known, says how many days are missing. Raises
    ValueError for an impossible count, target or confidence.
    """
    if not 0 < target < 1:
        raise ValueError(f"a target lies between 0 and 1, got {target}")
    count = f"{failed:,} failed of {tasks:,}"
    if lower_bound(tasks - failed, tasks, confidence) >= target:
        return Finding(Answer.PASSED, f"{count}: at least {target:.4g} succeed, at {confidence:.0%}")
    if upper_bound(tasks - failed, tasks, confidence) < target:
        return Finding(Answer.FAILED, f"{count}: fewer than {target:.4g} succeed, at {confidence:.0%}")
    return Finding(
        Answer.NOT_ENOUGH, count + _what_is_missing(failed, tasks, target, confidence, tasks_a_day)
    )


def _what_is_missing(failed: int, tasks: int, target: float, confidence: float, tasks_a_day: float) -> str:
    if failed > _FAILURES_WORTH_A_FORECAST:
        return ""
    needed = smallest_n_to_pass(failed, target, confidence)
    words = f". Needs {needed:,} at {failed} failure{'s' * (failed != 1)}"
    if tasks_a_day <= 0:
        return words
    days = ceil((needed - tasks) / tasks_a_day)
    return f"{words}: about {days} more day{'s' * (days != 1)}"


@lru_cache(maxsize=4096)
def most_failures_to_pass(tasks: int, target: float, confidence: float = 0.95) -> int:
    """Return how many of `tasks` may fail so that the gate still passes; -1 when none may."""
    check_confidence(confidence)
    if not 0 < target < 1:
        raise ValueError(f"a target lies between 0 and 1, got {target}")
    return _largest(lambda failed: binomial_at_most(failed, tasks, 1 - target) <= 1 - confidence, tasks)


@lru_cache(maxsize=4096)
def fewest_failures_to_fail(tasks: int, target: float, confidence: float = 0.95) -> int:
    """Return how many of `tasks` must fail so that the gate fails."""
    return 1 + _largest(lambda failed: binomial_at_most(failed - 1, tasks, 1 - target) < confidence, tasks)


def chance_to_pass(tasks: int, *, true_share: float, target: float, confidence: float = 0.95) -> float:
    """Return the chance that the gate passes on `tasks` tasks of which truly `true_share` succeed.

    At 600 tasks, a target of 99.5 % and a true 99.9 % that is 55 %: say so when the plan is written.
    """
    return binomial_at_most(most_failures_to_pass(tasks, target, confidence), tasks, 1 - true_share)


def chance_of_verdict(tasks: int, *, true_share: float, target: float, confidence: float = 0.95) -> float:
    """Return the chance that the gate passes or fails, rather than ends without an answer."""
    fails_from = fewest_failures_to_fail(tasks, target, confidence)
    fails = 1 - binomial_at_most(fails_from - 1, tasks, 1 - true_share)
    return chance_to_pass(tasks, true_share=true_share, target=target, confidence=confidence) + fails


def _largest(holds: Callable[[int], bool], most: int) -> int:
    """Return the largest count up to `most` for which `holds`, which is true up to a point; -1 for none."""
    low, high = -1, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
