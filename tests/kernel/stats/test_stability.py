from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.stats.beta import binomial_at_most
from companyos.kernel.stats.finding import Answer
from companyos.kernel.stats.stability import (
    chance_of_verdict,
    chance_to_pass,
    fewest_failures_to_fail,
    judge_stability,
    most_failures_to_pass,
)


@pytest.mark.parametrize(
    ("failed", "tasks", "answer", "because"),
    [
        (0, 598, Answer.PASSED, "0 failed of 598: at least 0.995 succeed, at 95%"),
        (0, 597, Answer.NOT_ENOUGH, "0 failed of 597. Needs 598 at 0 failures: about 1 more day"),
        (3, 1_120, Answer.NOT_ENOUGH, "3 failed of 1,120. Needs 1,549 at 3 failures: about 4 more days"),
        (3, 1_549, Answer.PASSED, "3 failed of 1,549: at least 0.995 succeed, at 95%"),
        (12, 1_120, Answer.FAILED, "12 failed of 1,120: fewer than 0.995 succeed, at 95%"),
        (0, 0, Answer.NOT_ENOUGH, "0 failed of 0. Needs 598 at 0 failures: about 6 more days"),
    ],
)
def test_the_stability_gate_says_what_is_missing(
    failed: int, tasks: int, answer: Answer, because: str
) -> None:
    found = judge_stability(failed, tasks, target=0.995, tasks_a_day=115)
    assert (found.answer, found.because) == (answer, because)


def test_without_a_pace_or_with_hopeless_failures_it_says_less() -> None:
    assert judge_stability(1, 10, target=0.9).because == "1 failed of 10. Needs 46 at 1 failure"
    assert judge_stability(300, 60_000, target=0.995).because == "300 failed of 60,000"


@pytest.mark.parametrize(
    ("tasks", "percents"), [(600, (55, 30, 18)), (2_000, (94, 62, 28)), (4_000, (100, 94, 56))]
)
def test_the_chance_to_pass_is_that_of_the_facts(tasks: int, percents: tuple[int, ...]) -> None:
    """Their table was simulated (two points either way); this is exact."""
    exact = [100 * chance_to_pass(tasks, true_share=share, target=0.995) for share in (0.999, 0.998, 0.997)]
    assert exact == pytest.approx(percents, abs=2.5)


@given(tasks=st.integers(1, 6_000), target=st.sampled_from((0.9, 0.98, 0.995)))
def test_at_the_boundary_at_most_one_in_twenty_passes_wrongly_and_one_fails(
    tasks: int, target: float
) -> None:
    assert chance_to_pass(tasks, true_share=target, target=target) <= 0.05 + 1e-9
    assert chance_of_verdict(tasks, true_share=target, target=target) <= 0.10 + 1e-9


@given(tasks=st.integers(0, 3_000), target=st.sampled_from((0.9, 0.99, 0.995)))
def test_the_turning_points_are_those_of_the_judgement(tasks: int, target: float) -> None:
    passes, fails = most_failures_to_pass(tasks, target), fewest_failures_to_fail(tasks, target)
    if passes >= 0:
        assert judge_stability(passes, tasks, target=target).answer is Answer.PASSED
    if passes + 1 <= tasks:
        assert judge_stability(passes + 1, tasks, target=target).answer is not Answer.PASSED
    if fails <= tasks:
        assert judge_stability(fails, tasks, target=target).answer is Answer.FAILED
    if 1 <= fails <= tasks + 1:
        assert judge_stability(fails - 1, tasks, target=target).answer is not Answer.FAILED


def test_more_tasks_reach_a_verdict_more_surely() -> None:
    chances = [chance_of_verdict(n, true_share=0.999, target=0.995) for n in (300, 600, 2_000, 8_000)]
    assert chances == sorted(chances)
    assert chances[0] < 0.01
    assert chances[-1] > 0.999
    assert binomial_at_most(most_failures_to_pass(600, 0.995), 600, 0.001) == chance_to_pass(
        600, true_share=0.999, target=0.995
    )


@pytest.mark.parametrize("target", [0.0, 1.0, float("nan")])
def test_a_target_is_a_share(target: float) -> None:
    with pytest.raises(ValueError, match="target"):
        judge_stability(0, 10, target=target)
    with pytest.raises(ValueError, match="target"):
        most_failures_to_pass(10, target)
