from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.stats.did_split import DidSplit
from companyos.kernel.stats.effect import LADDER, Effect, safe_to_advance

HALF = log(0.5)
FLAT = Effect((1 / len(LADDER),) * len(LADDER))
NO_HARM = Effect(tuple(float(rung == 0) for rung in LADDER))
TRIPLED = Effect(tuple(float(rung == 7) for rung in LADDER))  # exp(7 * 0.15) = 2.86


def effect_after(exposed: int, others: int, *, days: int = 10) -> Effect:
    rule = DidSplit()
    for _ in range(20):
        rule.learn_day([(True, HALF), (False, HALF), (False, HALF)])
    rule.begin_stage()
    for _ in range(days):
        rule.begin_day()
        for _ in range(exposed):
            rule.take(True, HALF)
        for _ in range(others):
            rule.take(False, HALF)
    return rule.effect()


def test_before_any_error_every_effect_is_as_likely_as_the_next() -> None:
    assert effect_after(0, 0).probabilities == pytest.approx(FLAT.probabilities)
    assert FLAT.at_most(0.01) == 0
    assert FLAT.at_most(2.0) == pytest.approx((log(2) / 0.15 + 9.5) / 28)
    assert FLAT.at_most(100) == pytest.approx(1)


def test_the_estimate_finds_the_true_ratio() -> None:
    unchanged, tripled = effect_after(1, 2).interval(0.9), effect_after(3, 2).interval(0.9)
    assert unchanged.low < 1 < unchanged.high
    assert tripled.low < 3 < tripled.high
    assert tripled.low > 1
    assert unchanged.value == pytest.approx(1, abs=0.15)


@given(st.lists(st.floats(0.01, 1), min_size=28, max_size=28), st.floats(0.02, 0.98))
def test_interval_and_probability_are_each_others_inverse(weights: list[float], confidence: float) -> None:
    effect = Effect(tuple(weight / sum(weights) for weight in weights))
    interval = effect.interval(confidence)
    assert effect.at_most(interval.value) == pytest.approx(0.5)
    assert effect.at_most(interval.high) - effect.at_most(interval.low) == pytest.approx(confidence)


@pytest.mark.parametrize(
    ("effect", "baseline_rate", "exposed_tasks", "limit", "safe"),
    [
        (NO_HARM, 0.01, 100, 3.0, True),
        (NO_HARM, 0.01, 99, 3.0, False),  # too few tasks, however good they look
        (NO_HARM, 0.0, 100, 8.0, True),  # no errors before: the limit stays at eight times
        (NO_HARM, 0.0005, 100, 8.0, True),
        (TRIPLED, 0.01, 5_000, 3.0, False),
        (TRIPLED, 0.005, 5_000, 5.0, True),  # five times of very little is still two points
        (FLAT, 0.01, 5_000, 3.0, False),
    ],
)
def test_safe_to_advance(
    effect: Effect, baseline_rate: float, exposed_tasks: int, limit: float, safe: bool
) -> None:
    judged = safe_to_advance(effect, baseline_rate=baseline_rate, exposed_tasks=exposed_tasks)
    assert judged.safe is safe
    assert judged.limit == pytest.approx(limit)


def test_enough_quiet_days_prove_a_stage_safe_and_harm_does_not() -> None:
    assert safe_to_advance(effect_after(1, 2), baseline_rate=0.01, exposed_tasks=500).safe
    assert not safe_to_advance(effect_after(3, 2), baseline_rate=0.01, exposed_tasks=500).safe
    assert not safe_to_advance(effect_after(0, 1, days=1), baseline_rate=0.01, exposed_tasks=500).safe


@pytest.mark.parametrize(
    ("baseline_rate", "points"), [(-0.1, 0.02), (1.5, 0.02), (float("nan"), 0.02), (0.01, 0)]
)
def test_impossible_limits_are_refused(baseline_rate: float, points: float) -> None:
    with pytest.raises(ValueError, match="must be a share"):
        safe_to_advance(NO_HARM, baseline_rate=baseline_rate, exposed_tasks=500, points_of_harm=points)
