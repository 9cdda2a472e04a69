"""Figures against targets, waits that last, groups too small to show, baselines (R66, R93, R97, R99)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.adoption.telemetry.domain.baseline import Baseline, Part, cannot_be_judged
from companyos.adoption.telemetry.domain.catalogue import Better, MetricSpec
from companyos.adoption.telemetry.domain.metrics import Figure, Standing, standing
from companyos.adoption.telemetry.domain.waiting import Waited, waiting
from companyos.kernel.small_groups import LEAST_SHOWN, hidden_groups


def spec(better: Better, target: float | None) -> MetricSpec:
    return MetricSpec("m", "M", "w", "f", "", "q", 28, 7, "share", better, "sre", target, ("c",))


@pytest.mark.parametrize(
    ("better", "target", "figure", "expected"),
    [
        (Better.UP, 0.9, Figure(0.95, 0.9, 0.99), Standing.MET),
        (Better.UP, 0.9, Figure(0.95, 0.89, 0.99), Standing.UNDECIDED),
        (Better.UP, 0.9, Figure(0.85, 0.8, 0.9), Standing.UNDECIDED),
        (Better.UP, 0.9, Figure(0.85, 0.8, 0.89), Standing.MISSED),
        (Better.DOWN, 0.1, Figure(0.05, 0.01, 0.1), Standing.MET),
        (Better.DOWN, 0.1, Figure(0.05, 0.01, 0.11), Standing.UNDECIDED),
        (Better.DOWN, 0.1, Figure(0.2, 0.11, 0.3), Standing.MISSED),
        (Better.UP, 3, Figure(3), Standing.MET),
        (Better.UP, 3, Figure(2), Standing.MISSED),
        (Better.DOWN, 0, Figure(0), Standing.MET),
        (Better.UP, None, Figure(7), Standing.NO_TARGET),
        (Better.UP, 0.9, Figure(problem="none"), Standing.NO_DATA),
        (Better.UP, 0.9, Figure(connected=False), Standing.NOT_CONNECTED),
        (Better.UP, 0.9, Figure(0.1, hidden=True), Standing.TOO_FEW_ANSWERS),
    ],
)
def test_the_whole_interval_decides_about_a_target_R99(
    better: Better, target: float | None, figure: Figure, expected: Standing
) -> None:
    assert standing(spec(better, target), figure) is expected


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def test_those_who_still_wait_are_not_never_R93() -> None:
    """By hand: 4 people at risk, 1 of 4 at 1 h; one leaves waiting at 2 h; 1 of 2 at 3 h."""
    found = waiting(
        [Waited(hours(3), 1, 0), Waited(hours(1), 1, 0), Waited(hours(2), 0, 1), Waited(hours(5), 0, 1)]
    )
    assert [(each.took, round(each.share, 4)) for each in found.curve] == [
        (hours(1), 0.25),
        (hours(3), 0.625),
    ]
    assert (found.people, found.open, found.quantile(0.5), found.quantile(0.9)) == (4, 2, hours(3), None)
    assert found.within(hours(2)) == 0.25


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_the_curve_only_rises_and_lies_between_the_two_simple_shares_R93(
    rows: list[tuple[int, int, int]],
) -> None:
    found = waiting(Waited(hours(t), r, w) for t, r, w in rows)
    shares = [each.share for each in found.curve]
    assert shares == sorted(shares)
    if shares:
        assert found.reached / found.people - 1e-9 <= shares[-1] <= 1 + 1e-9
    if found.open == 0 and found.people:
        assert shares[-1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({}, set()),
        ({"a": 5, "b": 9}, set()),
        ({"a": 4, "b": 5, "c": 9}, {"a", "b"}),  # alone, `a` would be the total less the others
        ({"a": 1, "b": 1, "c": 9}, {"a", "b", "c"}),  # two small ones together are still two people
        ({"a": 2, "b": 3, "c": 9}, {"a", "b"}),
        ({"a": 4}, {"a"}),
        ({"a": 0, "b": 6}, set()),
    ],
)
def test_a_small_group_is_never_hidden_alone_R97(sizes: dict[str, int], hidden: set[str]) -> None:
    assert hidden_groups(sizes) == hidden


@given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 12)))
def test_nothing_small_can_be_worked_out_from_the_total_R97(sizes: dict[str, int]) -> None:
    hidden = hidden_groups(sizes)
    shown = {name: n for name, n in sizes.items() if n and name not in hidden}
    assert all(n >= LEAST_SHOWN for n in shown.values())
    if hidden and shown:
        assert len(hidden) >= 2
        assert sum(sizes[name] for name in hidden) >= LEAST_SHOWN


def baseline(days: int, tasks: int, failed: int) -> Baseline:
    at = datetime(2026, 11, 9, tzinfo=UTC)
    whole = Part("", tasks, tasks, failed, 410.0, 90.0)
    return Baseline("f", "prep", at - timedelta(days=28), at, days, whole, (whole,), (whole,))


@pytest.mark.parametrize(
    ("given_baseline", "doubts"),
    [
        (None, 2),
        (baseline(0, 0, 0), 2),
        (baseline(13, 900, 25), 1),
        (baseline(20, 900, 3), 1),
        (baseline(20, 900, 25), 0),
    ],
)
def test_what_cannot_be_judged_is_said_R66(given_baseline: Baseline | None, doubts: int) -> None:
    assert len(tuple(cannot_be_judged(given_baseline))) == doubts


def test_a_stored_baseline_reads_back_the_same_R66() -> None:
    kept = baseline(20, 900, 25)
    assert Baseline.from_document(kept.document()) == kept
