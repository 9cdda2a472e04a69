from __future__ import annotations

import math
from math import exp, gamma, inf, nan

import pytest

from companyos.kernel.stats.null_prior import BETAS, EFFECTS, drifted, normalised
from companyos.kernel.stats.own_baseline import SIZES, OwnBaseline


def learned() -> OwnBaseline:
    rule = OwnBaseline()
    for day in range(20):
        rule.learn_day(day % 4, 1.5)
    rule.begin_stage()
    return rule


def chance(count: int, mean: float, size: float) -> float:
    share = mean / (size + mean)
    ways = gamma(count + size) / gamma(size) / gamma(count + 1)
    return ways * math.pow(1 - share, size) * math.pow(share, count)


def test_golden_evidence_over_three_days() -> None:
    """Printed by an independent program for this sequence."""
    rule = learned()
    evidence = []
    for sessions_at, whole_day in (((0.1, 0.3, 0.5, 0.7), 1.5), ((), 1.2), ((0.2, 0.6, 0.9), 2.0)):
        rule.begin_day()
        evidence += [rule.take(share * whole_day) for share in sessions_at]
        rule.quiet_until(whole_day)
    assert [round(each, 4) for each in evidence] == [1.9736, 2.2209, 2.7035, 3.2783, 0.5351, 0.4728, 0.4874]


def test_evidence_is_the_mean_ratio_of_negative_binomial_likelihoods() -> None:
    small = [size for size in SIZES if size < 100]  # the plain gamma function overflows above
    assert len(small) == len(SIZES) - 1
    before = [
        exp(-0.5 * (beta / 0.7) ** 2) * chance(2, exp(beta) * 1.5, size)
        for size in SIZES[:-1]
        for beta in BETAS
    ]
    prior = drifted(normalised(before), 0.25)

    def likelihood(effect: float) -> float:
        points = [(size, beta) for size in small for beta in BETAS]
        return sum(
            weight * chance(3, effect * exp(beta) * 0.8, size)
            for weight, (size, beta) in zip(prior, points, strict=True)
        )

    expected = sum(map(likelihood, EFFECTS)) / len(EFFECTS) / likelihood(1.0)
    rule = OwnBaseline()
    rule.learn_day(2, 1.5)
    rule.begin_stage()
    for _ in range(3):
        rule.take(0.8)
    assert rule.evidence == pytest.approx(expected, rel=0.05)  # the largest size adds a little


def test_silence_speaks_against_harm_and_errors_for_it() -> None:
    rule = learned()
    assert rule.quiet_until(1.5) < 1
    rule.begin_day()
    quiet = rule.evidence
    assert rule.take(0.1) > quiet


def test_an_incident_that_hits_everybody_alarms() -> None:
    rule = learned()
    for _ in range(4):
        rule.begin_day()
        for session in range(1, 9):
            rule.take(1.5 * session / 8)
    assert rule.evidence > 20


def test_a_stage_starts_afresh() -> None:
    rule = learned()
    first = [rule.take(0.3), rule.take(0.4)]
    rule.begin_stage()
    assert rule.evidence == 1
    assert [rule.take(0.3), rule.take(0.4)] == first


@pytest.mark.parametrize("expected", [nan, inf, -1.0])
def test_an_expectation_that_is_no_number_changes_nothing(expected: float) -> None:
    rule, untouched = learned(), learned()
    with pytest.raises(ValueError, match="nothing was counted"):
        rule.take(expected)
    with pytest.raises(ValueError, match="nothing was counted"):
        rule.learn_day(1, expected)
    assert rule.take(0.3) == untouched.take(0.3)


def test_absurd_counts_stay_finite_or_infinite_but_never_break() -> None:
    rule = learned()
    rule.learn_day(20_000, 0.0)
    rule.begin_stage()
    for _ in range(3):
        assert rule.take(0.0) > 0
