"""R95: people drawn by lot are held against the plan's share at any time; where nobody is drawn, it says why not."""

from __future__ import annotations

import pytest

from companyos.adoption.telemetry.domain.comparison import Compares, Comparison
from companyos.adoption.telemetry.domain.division import division, why_there_is_none

HALF, TENTH = Comparison(Compares.RANDOMISED, 0.5), Comparison(Compares.RANDOMISED, 0.1)


@pytest.mark.parametrize(
    ("comparison", "on", "off", "mismatched", "says"),
    [
        (HALF, 0, 0, False, "Nobody of those drawn has met it yet."),
        (
            HALF,
            26,
            24,
            False,
            "26 of 50 people met it switched on, where 50% were to be drawn. That is no sign",
        ),
        (HALF, 90, 40, True, "90 of 130 people met it switched on, where 50% were to be drawn: "),
        (HALF, 5_000, 0, True, "more than a million to 1 against the draw. Compare nothing"),
        (TENTH, 12, 88, False, "where 10% were to be drawn. That is no sign of a fault"),
        (TENTH, 50, 50, True, "where 10% were to be drawn: "),
    ],
)
def test_a_share_is_held_against_the_plan(
    comparison: Comparison, on: int, off: int, mismatched: bool, says: str
) -> None:
    found = division(comparison, {"on": on, "off": off, "another": 9})
    assert found is not None
    assert (found.on, found.off, found.mismatched) == (on, off, mismatched)
    assert says in found.says()


@pytest.mark.parametrize(
    ("comparison", "says"),
    [
        (Comparison(Compares.TEAMS), "Whole teams are switched on"),
        (Comparison(Compares.NONE), "Whole teams are switched on"),
        (Comparison(Compares.SWITCHBACK, 0.5), "Each person's day is drawn"),
        (Comparison(Compares.RANDOMISED, 1.0), "Everybody of this stage was drawn"),
    ],
)
def test_where_nobody_is_drawn_it_says_why(comparison: Comparison, says: str) -> None:
    assert division(comparison, {"on": 3}) is None
    assert says in why_there_is_none(comparison)
