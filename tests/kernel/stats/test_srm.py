from __future__ import annotations

from math import exp, lgamma, log
from random import Random

import pytest

from companyos.kernel.stats.binomial import lower_bound
from companyos.kernel.stats.srm import Roster, SampleRatio


def test_the_evidence_is_the_dirichlet_multinomial_bayes_factor() -> None:
    planned = {"off": 0.5, "on": 0.3, "beta": 0.2}
    rule = SampleRatio(planned)
    for variant, people in (("off", 30), ("on", 40), ("beta", 5)):
        for _ in range(people):
            rule.take(variant)
    weight = {variant: 100 * share for variant, share in planned.items()}
    log_factor = lgamma(100) - lgamma(175)
    for variant, people in rule.people.items():
        log_factor += lgamma(weight[variant] + people) - lgamma(weight[variant])
        for _ in range(people):
            log_factor -= log(planned[variant])
    assert rule.evidence == pytest.approx(exp(log_factor))


@pytest.mark.parametrize("seed", [61])
def test_looking_after_everybody_is_safe(seed: int) -> None:
    random, false = Random(seed), 0
    for _ in range(100):
        rule = SampleRatio({"off": 0.9, "on": 0.1})
        false += any(_take(rule, random, 0.1).mismatched for _ in range(1_000))
    assert lower_bound(false, 100, 0.99) <= 0.01


@pytest.mark.parametrize(("share", "median"), [(0.6, 317), (0.55, 1_052)])
def test_a_mismatch_is_found_about_as_soon_as_known(share: float, median: int) -> None:
    random, found = Random(62), []
    for _ in range(60):
        rule = SampleRatio({"off": 0.5, "on": 0.5})
        while not rule.mismatched:
            _take(rule, random, share)
        found.append(sum(rule.people.values()))
    assert sorted(found)[30] == pytest.approx(median, rel=0.35)


def _take(rule: SampleRatio, random: Random, share: float) -> SampleRatio:
    rule.take("on" if random.random() < share else "off")
    return rule


@pytest.mark.parametrize(
    "shares",
    [{}, {"on": 1.0}, {"on": 0.5, "off": 0.6}, {"on": 0.0, "off": 1.0}, {"on": float("nan"), "off": 0.5}],
)
def test_shares_that_are_no_plan_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="shares must be"):
        SampleRatio(shares)


def test_an_unplanned_variant_is_refused_and_changes_nothing() -> None:
    rule = SampleRatio({"on": 0.5, "off": 0.5})
    with pytest.raises(ValueError, match="nothing was counted"):
        rule.take("beta")
    assert (rule.evidence, sum(rule.people.values())) == (1.0, 0)


@pytest.mark.parametrize(
    ("roster", "words"),
    [
        (Roster(0, 0, 0), ""),
        (Roster(1_000, 20, 0), ""),
        (Roster(1_000, 21, 0), "21 of 1000 tasks (2.1%)"),
        (Roster(1_000, 0, 1), "1 people of the cohort were served the old path"),
    ],
)
def test_the_roster_suspends_decisions_beyond_two_in_a_hundred(roster: Roster, words: str) -> None:
    assert roster.problem().startswith(words)
    assert bool(roster.problem()) == bool(words)
