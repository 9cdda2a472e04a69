from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.stats.binomial import lower_bound, upper_bound
from companyos.kernel.stats.finding import Answer
from companyos.kernel.stats.interval import Interval
from companyos.kernel.stats.opinions import (
    Promoters,
    judge_promoters,
    judge_satisfaction,
    satisfaction_fails,
    satisfaction_passes,
)


@pytest.mark.parametrize(
    ("answers", "passes_at", "fails_at"),
    [(10, 9, 6), (15, 13, 10), (20, 17, 13), (30, 25, 21), (40, 32, 28), (60, 48, 44)],
)
def test_the_satisfaction_gate_turns_where_the_facts_say(answers: int, passes_at: int, fails_at: int) -> None:
    happy = range(answers + 1)
    assert min(k for k in happy if satisfaction_passes(k, answers, 0.8)) == passes_at
    assert max(k for k in happy if satisfaction_fails(k, answers, 0.8)) == fails_at


@pytest.mark.parametrize(
    ("happy", "answers", "asked", "answer", "because"),
    [
        (17, 20, 31, Answer.PASSED, "17 of 20 (20 of 31 asked); if all silent people are unhappy 55%"),
        (16, 20, 31, Answer.NOT_ENOUGH, "16 of 20 (20 of 31 asked); if all silent people are unhappy 52%"),
        (13, 20, 31, Answer.FAILED, "13 of 20 (20 of 31 asked); if all silent people are unhappy 42%"),
        (9, 9, 12, Answer.NOT_ENOUGH, "9 of 9 (9 of 12 asked); needs 10 answers"),
        (20, 20, 60, Answer.NOT_ENOUGH, "20 of 20 (20 of 60 asked); needs 24 answers"),
    ],
)
def test_satisfaction_needs_answers_and_says_what_silence_could_hide(
    happy: int, answers: int, asked: int, answer: Answer, because: str
) -> None:
    found = judge_satisfaction(happy, answers, asked)
    assert (found.answer, found.because) == (answer, because)


def test_nine_answers_say_little_about_promoters() -> None:
    interval = Promoters(5, 3, 1).interval()
    assert [round(each) for each in (interval.low, interval.value, interval.high)] == [-11, 44, 78]
    found = judge_promoters(Promoters(5, 3, 1), 31, target=30)
    assert found.answer is Answer.NOT_ENOUGH
    assert found.because == (
        "NPS +44, 95% interval -11 to +78 from 9 of 31 asked (29% answered); needs about 87 answers at this spread"
    )


@pytest.mark.parametrize(
    ("counts", "asked", "answer"),
    [
        (Promoters(60, 35, 5), 150, Answer.PASSED),
        (Promoters(60, 35, 5), 300, Answer.NOT_ENOUGH),  # a third answered
        (Promoters(10, 40, 50), 150, Answer.FAILED),
        (Promoters(35, 50, 15), 150, Answer.NOT_ENOUGH),
        (Promoters(0, 0, 0), 150, Answer.NOT_ENOUGH),
        (Promoters(9, 0, 0), 9, Answer.NOT_ENOUGH),  # unanimous, but nine
    ],
)
def test_the_promoter_gate(counts: Promoters, asked: int, answer: Answer) -> None:
    assert judge_promoters(counts, asked, target=30).answer is answer


@pytest.mark.parametrize("n", [5, 6, 7, 9])
def test_the_promoter_interval_covers_nine_of_ten_whatever_people_think(n: int) -> None:
    """Exact, not drawn: all ways to answer, on both sides of every score where coverage jumps; any mix of passives."""
    told = [(counts, ways, counts.interval()) for counts, ways in outcomes(n)]
    jumps = sorted({end for _, _, each in told for end in (each.low, each.high) if 0 <= end <= 100})
    scores = [min(1.0, max(0.0, end / 100 + beside)) for end in jumps for beside in (-1e-7, 1e-7)]
    worst = min(
        covered(told, detract + score, detract)
        for score in scores
        for detract in ((1 - score) / 2 * step / 40 for step in range(41))
    )
    assert worst >= 0.90


def test_the_promoter_interval_covers_at_thirty_and_is_no_wider_than_it_must() -> None:
    told = [(counts, ways, counts.interval()) for counts, ways in outcomes(30)]
    shares = [(up / 25, down / 25) for up in range(26) for down in range(26 - up)]
    assert min(covered(told, up, down) for up, down in shares) >= 0.92
    assert sum(each.high - each.low for _, _, each in told) / len(told) < 50


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.floats(0.5, 0.999))
def test_a_promoter_interval_holds_its_score_and_turns_round_with_the_answers(
    up: int, middle: int, down: int, confidence: float
) -> None:
    if not up + middle + down:
        return
    one = Promoters(up, middle, down).interval(confidence)
    other = Promoters(down, middle, up).interval(confidence)
    assert -100 <= one.low <= one.value <= one.high <= 100
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-9)


def outcomes(n: int) -> list[tuple[Promoters, int]]:
    """Every outcome of `n` answers, and in how many orders it comes about."""
    return [
        (Promoters(up, n - up - down, down), comb(n, up) * comb(n - up, down))
        for up in range(n + 1)
        for down in range(n - up + 1)
    ]


def covered(told: list[tuple[Promoters, int, Interval]], promote: float, detract: float) -> float:
    """The chance that the interval holds the true score, when people promote and detract with these chances."""
    true, rest = 100 * (promote - detract), max(0.0, 1 - promote - detract)
    return sum(
        ways * promote**counts.promoters * rest**counts.passives * detract**counts.detractors
        for counts, ways, each in told
        if each.low - 1e-9 <= true <= each.high + 1e-9
    )


@pytest.mark.parametrize("n", [5, 9])
@pytest.mark.parametrize("share", [0.5, 0.7, 0.8, 0.9, 0.97])
def test_the_exact_interval_of_a_share_covers_at_small_n(n: int, share: float) -> None:
    covered = sum(
        comb(n, k) * share**k * (1 - share) ** (n - k)
        for k in range(n + 1)
        if lower_bound(k, n, 0.975) <= share <= upper_bound(k, n, 0.975)
    )
    assert covered >= 0.95


@pytest.mark.parametrize(("happy", "answers", "asked"), [(3, 2, 10), (1, 11, 10), (-1, 2, 10)])
def test_impossible_answers_are_refused(happy: int, answers: int, asked: int) -> None:
    with pytest.raises(ValueError, match="impossible"):
        judge_satisfaction(happy, answers, asked)
    with pytest.raises(ValueError, match="impossible"):
        judge_promoters(Promoters(11, 0, 0), 10, target=30)
