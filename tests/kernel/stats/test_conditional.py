from __future__ import annotations

from datetime import date
from math import comb
from random import Random

import pytest

from companyos.kernel.stats.binomial import lower_bound
from companyos.kernel.stats.conditional import Conditional
from companyos.kernel.stats.objective import Objective
from companyos.kernel.stats.switchback import Switchback


def test_a_person_counts_once_a_stage_however_often_they_err() -> None:
    rule = Conditional()
    for _ in range(10):
        rule.take(actor="ada", treated=True, share=0.5)
    assert (rule.treated_errors, rule.control_errors) == (1, 0)
    first = rule.evidence
    rule.begin_stage()
    assert rule.take(actor="ada", treated=True, share=0.5) > first
    assert rule.treated_errors == 2


def test_two_errors_of_a_small_share_alarm_nobody() -> None:
    rule = Conditional()
    for actor in "ab":
        rule.take(actor=actor, treated=True, share=0.01)
    assert rule.evidence > 20
    assert rule.amber
    assert not rule.breached
    rule.take(actor="c", treated=True, share=0.01)
    assert rule.breached


def test_an_error_that_cannot_be_compared_leaves_the_person_free_to_count_later() -> None:
    rule = Conditional()
    with pytest.raises(ValueError, match="nothing was counted"):
        rule.take(actor="ada", treated=True, share=1.0)
    rule.take(actor="ada", treated=True, share=0.5)
    assert rule.treated_errors == 1


def a_ramp(random: Random, *, ratio: float) -> bool:
    """5, 25 and 50 % treated; everybody's errors quadruple in the middle (a shared incident)."""
    rule = Conditional()
    for stage, share in enumerate((0.05, 0.25, 0.5)):
        rule.begin_stage()
        for person in range(1_500):
            treated = random.random() < share
            rate = (0.005 if stage == 0 else 0.02) * (ratio if treated else 1.0)
            if random.random() < rate and rule.take(actor=str(person), treated=treated, share=share) >= 20:
                return rule.breached
    return False


@pytest.mark.parametrize("seed", [811])
def test_a_ramp_with_a_shared_incident_is_rarely_rolled_back_and_a_real_fault_mostly(seed: int) -> None:
    random = Random(seed)
    false = sum(a_ramp(random, ratio=1.0) for _ in range(200))
    assert lower_bound(false, 200, 0.99) <= 0.05
    assert sum(a_ramp(random, ratio=4.0) for _ in range(40)) >= 36


def test_safe_to_advance_needs_evidence_too() -> None:
    rule = Conditional()
    assert not rule.safe_to_advance()
    for i in range(200):
        rule.take(actor=str(i), treated=i % 2 == 0, share=0.5)
    assert rule.safe_to_advance(limit=2.0)
    assert not rule.safe_to_advance(limit=1.05)
    assert rule.ratio(0.9).value == pytest.approx(1)


def test_a_switchback_counts_a_persons_day_once() -> None:
    rule = Switchback(on_share=0.5)
    monday, tuesday = date(2025, 3, 3), date(2025, 3, 4)
    first = rule.take(person="ada", day=monday, on=True)
    assert rule.take(person="ada", day=monday, on=True) == first
    assert rule.take(person="ada", day=tuesday, on=False) < first
    assert rule.take(person="bob", day=tuesday, on=True) > rule.ratio(0.9).low
    assert not rule.breached


def a_switchback(random: Random, *, on_share: float, ratio: float) -> bool:
    """Ten people, ten days; one of them errs on most days, as people do."""
    rule = Switchback(on_share=on_share)
    for day in range(1, 11):
        for person in range(10):
            on = random.random() < on_share
            chance = (0.7 if person == 0 else 0.08) * (ratio if on else 1.0)
            if random.random() < chance:
                rule.take(person=str(person), day=date(2025, 3, day), on=on)
                if rule.breached:
                    return True
    return False


@pytest.mark.parametrize("seed", [812])
def test_a_switchback_is_exact_however_people_differ(seed: int) -> None:
    random = Random(seed)
    false = sum(a_switchback(random, on_share=0.8, ratio=1.0) for _ in range(300))
    assert lower_bound(false, 300, 0.99) <= 0.05
    assert sum(a_switchback(random, on_share=0.5, ratio=6.0) for _ in range(60)) >= 30


@pytest.mark.parametrize("share", [0.0, 1.0, float("nan")])
def test_a_switchback_must_switch(share: float) -> None:
    with pytest.raises(ValueError, match="on and off"):
        Switchback(on_share=share)


def test_at_the_objective_the_evidence_is_1_on_average() -> None:
    """Exactly, over every way in which ten people can fail; it depends only on how many do."""
    most, mean = 0.1, 0.0
    for failed in range(11):
        rule = Objective(most=most)
        for i in range(10):
            rule.take(i < failed)
        mean += comb(10, failed) * most**failed * (1 - most) ** (10 - failed) * rule.evidence
    assert mean == pytest.approx(1)


def test_an_objective_holds_from_three_failures_on() -> None:
    rule = Objective(most=0.001)
    rule.take(True)
    rule.take(True)
    assert rule.evidence > 20
    assert not rule.holds
    rule.take(True)
    assert rule.holds
    assert (rule.failed, rule.seen) == (3, 3)
    for _ in range(20_000):
        rule.take(False)
    assert not rule.holds


@pytest.mark.parametrize("most", [0.0, 0.9, 1.0, float("nan")])
def test_an_objective_is_a_share(most: float) -> None:
    with pytest.raises(ValueError, match="objective"):
        Objective(most=most)
