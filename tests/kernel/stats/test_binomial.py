from __future__ import annotations

from fractions import Fraction
from math import comb, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.stats.beta import binomial_at_most
from companyos.kernel.stats.binomial import (
    lower_bound,
    smallest_n_to_pass,
    upper_bound,
    wilson_interval,
    wilson_lower,
    wilson_upper,
)

FAILURES = (0, 1, 2, 3, 5, 10)
CONFIDENCES = st.sampled_from((0.5, 0.8, 0.9, 0.95, 0.999))


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 3_000))
    return draw(st.integers(0, n)), n


@pytest.mark.parametrize(
    ("target", "tasks"),
    [
        (0.98, (149, 236, 313, 386, 523, 845)),
        (0.99, (299, 473, 628, 773, 1_049, 1_693)),
        (0.995, (598, 947, 1_258, 1_549, 2_100, 3_389)),
        (0.999, (2_995, 4_742, 6_294, 7_752, 10_511, 16_959)),
    ],
)
def test_the_tasks_a_stability_gate_needs(target: float, tasks: tuple[int, ...]) -> None:
    assert tuple(smallest_n_to_pass(failures, target, 0.95) for failures in FAILURES) == tasks


@given(failures=st.integers(0, 40), target=st.sampled_from((0.5, 0.9, 0.99, 0.995)), confidence=CONFIDENCES)
def test_the_gate_passes_at_the_promised_number_and_not_before(
    failures: int, target: float, confidence: float
) -> None:
    n = smallest_n_to_pass(failures, target, confidence)
    assert lower_bound(n - failures, n, confidence) >= target - 1e-12
    if n - 1 > failures:
        assert lower_bound(n - 1 - failures, n - 1, confidence) < target + 1e-12


@given(n=st.integers(1, 60), successes=st.integers(-1, 60), percent=st.integers(0, 100))
def test_the_distribution_function_equals_the_exact_sum(n: int, successes: int, percent: int) -> None:
    chance = Fraction(percent, 100)
    exact = sum(
        (comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(min(successes, n) + 1)), Fraction()
    )
    assert binomial_at_most(successes, n, percent / 100) == pytest.approx(float(exact), abs=1e-12)


@given(counts(), CONFIDENCES)
def test_each_bound_leaves_exactly_the_allowed_error(count: tuple[int, int], confidence: float) -> None:
    successes, n = count
    low, high = lower_bound(successes, n, confidence), upper_bound(successes, n, confidence)
    assert successes == 0 or binomial_at_most(successes - 1, n, low) == pytest.approx(confidence, abs=1e-9)
    assert successes == n or binomial_at_most(successes, n, high) == pytest.approx(1 - confidence, abs=1e-9)


@given(counts(), CONFIDENCES)
def test_bounds_mirror_each_other_and_enclose_the_share(count: tuple[int, int], confidence: float) -> None:
    successes, n = count
    low, high = lower_bound(successes, n, confidence), upper_bound(successes, n, confidence)
    assert low == pytest.approx(1 - upper_bound(n - successes, n, confidence), abs=1e-10)
    if confidence > 0.5:
        assert 0 <= low <= successes / n <= high <= 1
        assert wilson_lower(successes, n, confidence) <= successes / n + 1e-12
        assert wilson_upper(successes, n, confidence) >= successes / n - 1e-12


def test_extreme_samples_have_closed_forms() -> None:
    assert lower_bound(600, 600, 0.95) == pytest.approx(0.05 ** (1 / 600), rel=1e-12)
    assert upper_bound(0, 600, 0.95) == pytest.approx(1 - 0.05 ** (1 / 600), rel=1e-10)
    assert upper_bound(0, 1_000_000, 1 - 1e-9) == pytest.approx(2.072e-5, rel=1e-3)
    assert (lower_bound(0, 9, 0.95), upper_bound(9, 9, 0.95)) == (0, 1)
    assert (lower_bound(0, 0, 0.95), upper_bound(0, 0, 0.95)) == (0, 1)
    assert (wilson_lower(0, 0, 0.9), wilson_upper(0, 0, 0.9)) == (0, 1)


@pytest.mark.parametrize(
    ("answers", "passes_at", "fails_at"),
    [(10, 9, 6), (15, 13, 10), (20, 17, 13), (30, 25, 21), (40, 32, 28), (60, 48, 44)],
)
def test_the_satisfaction_gate_turns_where_the_plan_says(answers: int, passes_at: int, fails_at: int) -> None:
    happy = range(answers + 1)
    passing = [k for k in happy if k / answers >= 0.8 and wilson_lower(k, answers, 0.9) >= 0.7]
    failing = [k for k in happy if wilson_upper(k, answers, 0.9) < 0.8]
    assert (passing[0], failing[-1]) == (passes_at, fails_at)


@pytest.mark.parametrize(
    ("successes", "n", "confidence"), [(3, 2, 0.9), (-1, 2, 0.9), (1, 2, 1.0), (1, 2, nan)]
)
def test_impossible_questions_are_refused(successes: int, n: int, confidence: float) -> None:
    for bound in (lower_bound, upper_bound, wilson_lower, wilson_upper):
        with pytest.raises(ValueError, match=r"impossible|between 0 and 1"):
            bound(successes, n, confidence)


@pytest.mark.parametrize(("failures", "target"), [(-1, 0.99), (0, 0.0), (0, 1.0), (0, nan)])
def test_a_gate_that_cannot_be_planned_is_refused(failures: int, target: float) -> None:
    with pytest.raises(ValueError, match="target between 0 and 1"):
        smallest_n_to_pass(failures, target, 0.95)


@pytest.mark.parametrize("n", [5, 9, 20])
def test_the_interval_of_a_share_covers_nine_of_ten_whatever_the_share(n: int) -> None:
    """Exact, not drawn: Wilson's own covers 83 to 84 % of some shares near 0 and 1, the modified one at least 91 %."""
    intervals = [wilson_interval(x, n) for x in range(n + 1)]
    for share in (p / 500 for p in range(1, 500)):
        chance = sum(
            comb(n, x) * share**x * (1 - share) ** (n - x)
            for x, each in enumerate(intervals)
            if each.low - 1e-12 <= share <= each.high + 1e-12
        )
        assert chance >= 0.91, share


def test_an_interval_needs_an_answer() -> None:
    with pytest.raises(ValueError, match="at least one answer"):
        wilson_interval(0, 0)
    assert wilson_interval(9, 9).high == 1.0
    assert round(wilson_interval(9, 9).low, 2) == 0.7
