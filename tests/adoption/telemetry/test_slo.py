"""Budgets and burns: counts in, answer out; few requests never page (R62, R94)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.adoption.telemetry.domain.slo import (
    LEAST_BAD,
    BurnState,
    Condition,
    Counts,
    budget,
    burn,
    exhausted_in,
    requests_needed,
    sums,
)

FAST = Condition("fast", 1, 14.4, "page")
SLOW = Condition("slow", 72, 1, "ticket")
NONE = Counts(0, 0)
targets = st.floats(0.5, 0.9999)
counts = st.integers(0, 100_000).flatmap(lambda n: st.builds(Counts, st.just(n), st.integers(0, n)))


@pytest.mark.parametrize(
    ("condition", "seen", "just_now", "state", "rate"),
    [
        (FAST, Counts(0, 0), NONE, BurnState.NO_DATA, None),
        (FAST, Counts(12, 0), NONE, BurnState.TOO_FEW, 0.0),
        (FAST, Counts(12, 2), Counts(3, 1), BurnState.TOO_FEW, 16.67),  # two bad ones are chance
        (FAST, Counts(12, 3), Counts(3, 1), BurnState.BURNING, 25.0),
        (FAST, Counts(4, 4), Counts(4, 4), BurnState.BURNING, 100.0),  # few, and plainly broken
        (FAST, Counts(400, 100), Counts(20, 0), BurnState.QUIET, 25.0),  # it was, and is over
        (FAST, Counts(400, 100), Counts(11, 0), BurnState.BURNING, 25.0),  # too few to see that it is over
        (FAST, Counts(20, 3), NONE, BurnState.BURNING, 15.0),  # nothing came since: not known to be over
        (FAST, Counts(21, 3), Counts(2, 1), BurnState.QUIET, 14.29),
        (FAST, Counts(2_000, 288), Counts(160, 20), BurnState.BURNING, 14.4),  # at the limit burns
        (SLOW, Counts(299, 2), Counts(20, 1), BurnState.TOO_FEW, 0.67),
        (SLOW, Counts(300, 2), Counts(20, 1), BurnState.QUIET, 0.67),
        (SLOW, Counts(300, 3), Counts(20, 1), BurnState.BURNING, 1.0),
    ],
)
def test_a_burn_is_judged_with_enough_evidence_only_R94(
    condition: Condition, seen: Counts, just_now: Counts, state: BurnState, rate: float | None
) -> None:
    found = burn(0.99, condition, seen, just_now)
    assert found.state is state, found.says
    assert found.rate == (None if rate is None else pytest.approx(rate, abs=0.01))


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        (Counts(0, 0), None),
        (Counts(99, 1), None),  # one bad one would take a hundred to allow
        (Counts(50, 2), -3.0),  # two are too many however few there were
        (Counts(1_000, 0), 1.0),
        (Counts(1_000, 5), 0.5),
        (Counts(1_000, 10), 0.0),
        (Counts(1_000, 25), -1.5),
    ],
)
def test_the_budget_left_is_known_or_said_not_to_be_R94(seen: Counts, left: float | None) -> None:
    found = budget(0.99, seen)
    assert found.left == (None if left is None else pytest.approx(left))
    assert found.says


@given(targets, counts, counts)
def test_a_page_rests_on_three_bad_requests_at_least_R62(
    target: float, seen: Counts, just_now: Counts
) -> None:
    found = burn(target, FAST, seen, just_now)
    if found.state is BurnState.BURNING:
        assert seen.bad >= LEAST_BAD
        assert just_now.bad > 0 or just_now.total * seen.bad < LEAST_BAD * seen.total
        assert seen.bad / seen.total >= (1 - target) * FAST.burn * (1 - 1e-9)


@given(targets, counts)
def test_more_bad_requests_never_calm_an_alert(target: float, seen: Counts) -> None:
    order = [BurnState.NO_DATA, BurnState.TOO_FEW, BurnState.QUIET, BurnState.BURNING]
    worse = Counts(seen.total, min(seen.total, seen.bad + 1))
    before, after = (burn(target, FAST, each, Counts(1, 1)).state for each in (seen, worse))
    assert order.index(after) >= order.index(before)


@given(targets, st.floats(0.5, 20))
def test_requests_needed_would_show_three_bad_ones(target: float, limit: float) -> None:
    n = requests_needed(target, limit)
    assert n * min(1.0, (1 - target) * limit) >= LEAST_BAD - 1e-9
    assert n >= LEAST_BAD


@given(st.lists(st.tuples(st.integers(0, 50), counts), max_size=20), st.integers(0, 50), st.integers(0, 50))
def test_adjacent_spans_add_up(rows: list[tuple[int, Counts]], a: int, b: int) -> None:
    buckets, low, high = dict(rows), min(a, b), max(a, b)
    parts = (sums(buckets, 0, low), sums(buckets, low, high), sums(buckets, high, 51))
    whole = sums(buckets, 0, 51)
    assert (sum(p.total for p in parts), sum(p.bad for p in parts)) == (whole.total, whole.bad)


def test_a_budget_runs_out_only_while_it_shrinks() -> None:
    window = timedelta(days=28)
    assert exhausted_in(0.5, 2.0, window) == timedelta(days=7)
    assert [
        exhausted_in(left, rate, window) for left, rate in [(0.5, 1.0), (None, 3.0), (0.5, None), (-0.1, 5.0)]
    ] == [None] * 4


@pytest.mark.parametrize("target", [0.0, 1.0, 1.5, float("nan")])
def test_an_impossible_objective_is_refused(target: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        budget(target, Counts(1, 0))
