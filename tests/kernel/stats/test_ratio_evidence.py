from __future__ import annotations

from itertools import product
from math import inf, isinf, log, nan
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companyos.kernel.stats.ratio_evidence import RATIOS, RatioEvidence, errors_to_find

SHARES = st.floats(0.02, 0.98)
ERRORS = st.lists(st.tuples(st.booleans(), st.sampled_from((0.05, 0.25, 0.5))), max_size=40)


def evidence_of(errors: list[tuple[bool, float]], *, harmless_ratio: float = 1.0) -> RatioEvidence:
    rule = RatioEvidence(harmless_ratio=harmless_ratio)
    for treated, share in errors:
        rule.take(treated, share)
    return rule


@settings(max_examples=25, deadline=None)
@given(share=SHARES, harmless=st.sampled_from((1.0, 1.25)))
def test_without_harm_the_evidence_is_1_on_average_whatever_the_share(share: float, harmless: float) -> None:
    """The property that Ville's inequality needs, exactly: over all orders in which six errors can come."""
    chance = harmless * share / (harmless * share + 1 - share)
    mean = 0.0
    for errors in product((True, False), repeat=6):
        weight = chance ** sum(errors) * (1 - chance) ** (6 - sum(errors))
        mean += weight * evidence_of([(each, share) for each in errors], harmless_ratio=harmless).evidence
    assert mean == pytest.approx(1)


def test_even_shares_by_hand() -> None:
    rule = RatioEvidence()
    evidence = [rule.take(treated, 0.5) for treated in (True, True, False, True, True)]
    by_hand = [
        sum((2 * ratio / (1 + ratio)) ** treated * (2 / (1 + ratio)) ** control for ratio in RATIOS)
        / len(RATIOS)
        for treated, control in ((1, 0), (2, 0), (2, 1), (3, 1), (4, 1))
    ]
    assert evidence == pytest.approx(by_hand)


@given(ERRORS)
def test_the_order_within_a_slice_and_taking_it_at_once_change_nothing(
    errors: list[tuple[bool, float]],
) -> None:
    at_once = RatioEvidence()
    for share in {share for _, share in errors}:
        treated = [each for each, of in errors if of == share]
        at_once.take_many(sum(treated), len(treated) - sum(treated), share)
    streamed = evidence_of(errors)
    assert at_once.evidence == pytest.approx(streamed.evidence)
    assert (at_once.treated_errors, at_once.control_errors) == (
        streamed.treated_errors,
        streamed.control_errors,
    )


@settings(max_examples=50, deadline=None)
@given(ERRORS, st.sampled_from((0.8, 0.9, 0.95)))
def test_the_interval_encloses_the_likeliest_ratio_and_agrees_with_the_evidence(
    errors: list[tuple[bool, float]], confidence: float
) -> None:
    rule = evidence_of(errors)
    ratio = rule.ratio(confidence)
    assert ratio.low <= ratio.value <= ratio.high
    assert (ratio.low > 1) == (rule.evidence > 2 / (1 - confidence))


def test_one_sided_samples_bound_one_side_only() -> None:
    assert evidence_of([(True, 0.5)] * 20).ratio(0.9).high == inf
    assert evidence_of([(True, 0.5)] * 20).ratio(0.9).low > 1
    assert evidence_of([(False, 0.5)] * 20).ratio(0.9).low == 0
    assert evidence_of([(False, 0.5)] * 20).ratio(0.9).high < 1
    assert RatioEvidence().ratio(0.9).value == 1


@pytest.mark.parametrize("seed", [30_041])
def test_the_interval_holds_at_every_look(seed: int) -> None:
    random, missed = Random(seed), 0
    for _ in range(80):
        rule, true = RatioEvidence(), 2.0
        for error in range(90):
            rule.take(random.random() < true / (1 + true), 0.5)
            if error % 10 == 9:
                interval = rule.ratio(0.8)
                if not interval.low <= true <= interval.high:
                    missed += 1
                    break
    assert missed <= 16  # 20 % of the streams, each looked at nine times


def test_the_evidence_of_overwhelming_harm_neither_overflows_nor_breaks() -> None:
    rule = RatioEvidence()
    assert isinf(rule.take_many(100_000, 0, 0.5))
    assert rule.take_many(0, 1_000_000, 0.5) == 0


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.1, nan])
def test_a_slice_with_one_side_only_is_refused_and_changes_nothing(share: float) -> None:
    rule = evidence_of([(True, 0.5)])
    before = rule.evidence
    with pytest.raises(ValueError, match="nothing was counted"):
        rule.take(True, share)
    with pytest.raises(ValueError, match="cannot be counted"):
        rule.take_many(-1, 0, 0.5)
    assert (rule.evidence, rule.treated_errors) == (before, 1)


@pytest.mark.parametrize("ratio", [0.0, -1.0, nan, inf])
def test_a_harmless_ratio_is_a_positive_number(ratio: float) -> None:
    with pytest.raises(ValueError, match="harmless ratio"):
        RatioEvidence(harmless_ratio=ratio)


@pytest.mark.parametrize("seed", [30_042])
@pytest.mark.parametrize(("ratio", "share"), [(4.0, 0.5), (5.0, 0.5), (4.0, 0.1), (2.0, 0.5)])
def test_the_errors_needed_are_about_the_median_of_what_is_needed(
    seed: int, ratio: float, share: float
) -> None:
    random, needed = Random(seed), []
    for _ in range(150):
        rule, errors = RatioEvidence(), 0
        while rule.evidence < 20:
            rule.take(random.random() < ratio * share / (ratio * share + 1 - share), share)
            errors += 1
        needed.append(errors)
    assert log(errors_to_find(ratio, share) / sorted(needed)[75]) == pytest.approx(0, abs=log(1.4))


@pytest.mark.parametrize("ratio", [1.0, 0.5, nan])
def test_no_harm_is_never_found(ratio: float) -> None:
    with pytest.raises(ValueError, match="above 1"):
        errors_to_find(ratio, 0.5)
