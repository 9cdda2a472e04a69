from __future__ import annotations

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.stats.paired import paired_interval, student_t


@pytest.mark.parametrize(
    ("degrees", "confidence", "t"),
    [
        (1, 0.5, 1.0),
        (1, 0.95, 12.7062047),
        (1, 0.999, 636.6192488),
        (2, 0.95, 4.3026527),
        (5, 0.8, 1.4758840),
        (10, 0.9, 1.8124611),
        (30, 0.99, 2.7499957),
        (1_000, 0.95, 1.9623391),
    ],
)
def test_student_t_equals_the_printed_tables(degrees: int, confidence: float, t: float) -> None:
    assert student_t(confidence, degrees) == pytest.approx(t, rel=1e-7)


def test_the_interval_of_a_known_sample() -> None:
    interval = paired_interval([1.0, 2.0, 3.0, 4.0, 5.0], 0.95)
    assert interval.value == 3.0
    assert [interval.low, interval.high] == pytest.approx([1.036757, 4.963243], abs=1e-6)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=50), st.floats(-100, 100))
def test_a_shift_of_everybody_shifts_the_interval(differences: list[float], shift: float) -> None:
    before = paired_interval(differences, 0.8)
    after = paired_interval([each + shift for each in differences], 0.8)
    assert after.low == pytest.approx(before.low + shift, abs=1e-6)
    assert before.low <= before.value + 1e-9
    assert (
        before.high - before.low
        <= paired_interval(differences, 0.9).high - paired_interval(differences, 0.9).low
    )


@pytest.mark.parametrize("differences", [[], [1.0], [1.0, nan], [1.0, float("inf")]])
def test_too_few_or_broken_differences_are_refused(differences: list[float]) -> None:
    with pytest.raises(ValueError, match="at least two differences"):
        paired_interval(differences, 0.9)
