"""Whether an experiment divided people as it was told to."""

from __future__ import annotations

import pytest

from companyos.adoption.flags.domain.arms import Split, check_split
from companyos.adoption.flags.domain.types import Arm
from companyos.kernel.stats.split_check import chi_square_tail, split_p_value


@pytest.mark.parametrize(
    ("x", "degrees", "tail"),
    [(3.841458821, 1, 0.05), (5.991464547, 2, 0.05), (7.814727903, 3, 0.05), (9.487729037, 4, 0.05),
     (18.30703805, 10, 0.05), (10.82756617, 1, 0.001), (20.51500565, 5, 0.001), (0.0, 1, 1.0), (0.0, 4, 1.0)],
)  # fmt: skip
def test_the_tail_is_that_of_the_printed_tables(x: float, degrees: int, tail: float) -> None:
    assert chi_square_tail(x, degrees) == pytest.approx(tail, rel=1e-6)


@pytest.mark.parametrize(
    ("counts", "weights"), [([1], [1]), ([1, 2], [1]), ([0, 0], [1, 1]), ([1, 2], [0, 1])]
)
def test_what_is_no_split_is_refused(counts: list[int], weights: list[float]) -> None:
    with pytest.raises(ValueError, match="make no split"):
        split_p_value(counts, weights)


@pytest.mark.parametrize(
    ("met", "weights", "verdict"),
    [
        ({"x": 500, "y": 520}, (1, 1), Split.AS_PLANNED),
        ({"x": 500, "y": 640}, (1, 1), Split.MISMATCH),
        ({"x": 250, "y": 760}, (1, 3), Split.AS_PLANNED),
        ({"x": 4, "y": 1}, (1, 1), Split.TOO_FEW),
        ({"off": 900, "x": 30, "y": 31}, (1, 1), Split.AS_PLANNED),
        ({"x": 60}, (1, 1), Split.MISMATCH),
        ({}, (1, 1), Split.TOO_FEW),
    ],
)
def test_people_are_judged_against_the_weights_R18(
    met: dict[str, int], weights: tuple[int, int], verdict: Split
) -> None:
    told = check_split((Arm("x", weights[0]), Arm("y", weights[1]), Arm("unused", 0)), met)
    assert told.verdict is verdict
    assert f"{met.get('x', 0)} x" in told.because
