from __future__ import annotations

from math import exp, log

import pytest

from companyos.kernel.stats.expected_errors import (
    expected_of_person_day,
    log_offset,
    overall_rate,
    team_rate,
)


def test_a_team_without_history_has_the_overall_rate() -> None:
    assert team_rate(0, 0.0, 0.01) == pytest.approx(0.01)
    assert team_rate(30, 1_000.0, 0.01) == pytest.approx(32 / 1_200)
    assert team_rate(0, 1_000.0, 0.01) > 0


def test_nobody_having_failed_yet_is_no_certainty() -> None:
    assert overall_rate(0, 0.0) == 0.5
    assert overall_rate(0, 999.0) == pytest.approx(0.0005)


def test_a_person_day_expects_at_most_one_session() -> None:
    assert expected_of_person_day(0.0, 0.01) == 0
    assert expected_of_person_day(10.0, 0.01) == pytest.approx(1 - exp(-0.1))
    assert expected_of_person_day(1e9, 0.5) == 1


def test_the_offset_stays_finite_when_a_side_is_away() -> None:
    assert log_offset(1.0, 2.0) == pytest.approx(log(0.5))
    assert log_offset(0.0, 2.0) == pytest.approx(log(5e-7))
    assert log_offset(2.0, 0.0) == pytest.approx(-log_offset(0.0, 2.0))
