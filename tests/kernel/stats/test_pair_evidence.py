"""R118: the evidence that pairs of a shadow run differ more often than they may is an e-process."""

from __future__ import annotations

from math import comb

import pytest

from companyos.kernel.stats.pair_evidence import AT_MOST, pair_evidence


@pytest.mark.parametrize("true_share", [0.0, 0.005, AT_MOST])
@pytest.mark.parametrize("n", [1, 5, 40])
def test_its_mean_is_at_most_one_while_pairs_differ_no_more_than_they_may(true_share: float, n: int) -> None:
    chances = [comb(n, k) * true_share**k * (1 - true_share) ** (n - k) for k in range(n + 1)]
    mean = sum(chance * pair_evidence(k, n) for k, chance in enumerate(chances))
    assert mean <= 1 + 1e-9
    if true_share == AT_MOST:
        assert mean == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("bad", "n", "least", "most"),
    [(0, 0, 1, 1), (0, 200, 0, 0.1), (4, 200, 0.01, 1), (12, 100, 1000, 1e9), (50, 50, 1e20, 1e99)],
)
def test_what_it_says(bad: int, n: int, least: float, most: float) -> None:
    assert least <= pair_evidence(bad, n) <= most


@pytest.mark.parametrize(("bad", "n", "at_most"), [(-1, 5, 0.02), (6, 5, 0.02), (1, 5, 0.0), (1, 5, 1.0)])
def test_counts_that_cannot_be_are_refused(bad: int, n: int, at_most: float) -> None:
    with pytest.raises(ValueError, match="no count of pairs"):
        pair_evidence(bad, n, at_most=at_most)
