from __future__ import annotations

from collections.abc import Iterator
from math import comb

import pytest

from companyos.kernel.stats.binomial import lower_bound, upper_bound
from companyos.kernel.stats.finding import Answer
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
    assert [round(each) for each in (interval.low, interval.value, interval.high)] == [-7, 44, 74]
    found = judge_promoters(Promoters(5, 3, 1), 31, target=30)
    assert found.answer is Answer.NOT_ENOUGH
    assert found.because == (
        "NPS +44, 95% interval -7 to +74 from 9 of 31 asked (29% answered); needs about 87 answers at this spread"
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


@pytest.mark.parametrize("n", [5, 9])
@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (0.6, 0.3, 0.1), (0.34, 0.33, 0.33), (0.2, 0.3, 0.5)])
def test_the_promoter_interval_covers_at_small_n(n: int, shares: tuple[float, float, float]) -> None:
    """Exactly, over all ways to answer: at least 90 % where 95 % is promised."""
    true = 100 * (shares[0] - shares[2])
    covered = 0.0
    for counts, chance in ways(n, shares):
        interval = counts.interval()
        covered += chance * (interval.low <= true <= interval.high)
    assert 0.90 <= covered <= 0.99


def ways(n: int, shares: tuple[float, float, float]) -> Iterator[tuple[Promoters, float]]:
    for up in range(n + 1):
        for down in range(n - up + 1):
            middle = n - up - down
            chance = (
                comb(n, up) * comb(n - up, down) * shares[0] ** up * shares[1] ** middle * shares[2] ** down
            )
            yield Promoters(up, middle, down), chance


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
