from __future__ import annotations

from math import inf, nan
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.stats.binomial import lower_bound
from companyos.kernel.stats.merge import WEIGHTS, MergedEvidence, Signal
from companyos.kernel.stats.ratio_evidence import RatioEvidence
from companyos.kernel.stats.slow_limit import slow_limit


def test_the_weights_are_those_of_the_plan() -> None:
    assert [WEIGHTS[signal] for signal in Signal] == [0.4, 0.15, 0.15, 0.15, 0.15]
    assert sum(WEIGHTS.values()) == pytest.approx(1)


def test_merged_evidence_is_the_weighted_mean_and_a_silent_signal_keeps_its_last() -> None:
    merged = MergedEvidence()
    assert merged.evidence == pytest.approx(1)
    assert merged.take(Signal.LATENCY, 11.0) == pytest.approx(0.85 + 0.15 * 11)
    assert merged.take(Signal.ERROR, 46.0) == pytest.approx(0.45 + 0.4 * 46 + 0.15 * 11)
    assert merged.take(Signal.ERROR, 0.0) == pytest.approx(0.45 + 0.15 * 11)
    assert merged.shares()[Signal.LATENCY] == pytest.approx(1.65)


def test_signals_that_are_not_measured_have_no_weight() -> None:
    merged = MergedEvidence([Signal.ERROR, Signal.LATENCY])
    merged.take(Signal.ERROR, 20.0)
    assert merged.evidence == pytest.approx((0.4 * 20 + 0.15) / 0.55)
    with pytest.raises(ValueError, match="no signal of this stage"):
        merged.take(Signal.HUMAN_REPORTS, 3.0)
    with pytest.raises(ValueError, match="at least one signal"):
        MergedEvidence([])


@given(st.lists(st.floats(0, 1e6), min_size=5, max_size=5))
def test_it_lies_between_the_least_and_the_most(evidence: list[float]) -> None:
    merged = MergedEvidence()
    for signal, each in zip(Signal, evidence, strict=True):
        merged.take(signal, each)
    assert min(evidence) - 1e-6 <= merged.evidence <= max(evidence) * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize("evidence", [nan, -0.1])
def test_what_is_no_evidence_changes_nothing(evidence: float) -> None:
    merged = MergedEvidence()
    merged.take(Signal.ERROR, 7.0)
    with pytest.raises(ValueError, match="the last one stays"):
        merged.take(Signal.ERROR, evidence)
    assert merged.shares()[Signal.ERROR] == pytest.approx(2.8)
    assert merged.take(Signal.ERROR, inf) == inf


@pytest.mark.parametrize("seed", [99])
def test_the_mean_of_five_copies_is_right_and_their_product_is_not(seed: int) -> None:
    """One harmless stream measured five times over: the mean acts in at most 5 %, the product in a third."""
    random, by_mean, by_product = Random(seed), 0, 0
    for _ in range(400):
        rule, merged, multiplied = RatioEvidence(), 0.0, 0.0
        all_signals = MergedEvidence()
        for _ in range(60):
            copy = rule.take(random.random() < 0.5, 0.5)
            for signal in Signal:
                all_signals.take(signal, copy)
            merged, multiplied = max(merged, all_signals.evidence), max(multiplied, copy**5)
        by_mean += merged >= 20
        by_product += multiplied >= 20
    assert lower_bound(by_mean, 400, 0.99) <= 0.05
    assert lower_bound(by_product, 400, 0.99) > 0.2


def test_the_limit_for_slow_is_what_one_task_in_twenty_exceeded() -> None:
    durations = [float(i) for i in range(1, 1_001)]
    limit = slow_limit(reversed(durations))
    assert limit == 950
    assert sum(each > limit for each in durations) == 50


@pytest.mark.parametrize("durations", [[], [1.0] * 99, [1.0] * 99 + [nan], [1.0] * 200 + [inf]])
def test_no_limit_from_too_little(durations: list[float]) -> None:
    with pytest.raises(ValueError, match="state an objective"):
        slow_limit(durations)
