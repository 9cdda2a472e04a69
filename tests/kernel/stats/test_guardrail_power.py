from __future__ import annotations

from math import log

import pytest

from companyos.kernel.stats.guardrail_power import (
    Traffic,
    chance_to_be_safe,
    chance_to_catch,
    days_to_catch,
    smallest_caught,
    what_is_caught,
)

EXPOSED = {30: 10, 100: 25, 300: 50}


def traffic(people: int, tasks: float, error_rate: float) -> Traffic:
    exposed = EXPOSED[people]
    return Traffic(exposed, exposed * tasks, (people - exposed) * tasks, error_rate)


@pytest.mark.parametrize(
    ("people", "tasks", "before", "harmful", "percent", "days"),
    [  # the facts' simulated table; None: half of the stages are not found within ten days
        (30, 2, 0.01, 0.03, 6, None),
        (30, 10, 0.01, 0.03, 41, None),
        (30, 30, 0.01, 0.03, 52, 8.3),
        (100, 2, 0.01, 0.03, 25, None),
        (100, 10, 0.01, 0.03, 56, 7.5),
        (300, 10, 0.01, 0.03, 74, 3.0),
        (30, 2, 0.01, 0.05, 25, None),
        (30, 10, 0.01, 0.05, 76, 3.8),
        (30, 30, 0.01, 0.05, 86, 2.0),
        (100, 2, 0.01, 0.05, 63, 6.0),
        (100, 10, 0.01, 0.05, 92, 1.4),
        (300, 10, 0.01, 0.05, 98, 0.5),
        (30, 2, 0.02, 0.10, 44, None),
        (30, 10, 0.02, 0.10, 82, 2.3),
        (30, 30, 0.02, 0.10, 89, 1.3),
        (100, 2, 0.02, 0.10, 77, 3.1),
        (100, 10, 0.02, 0.10, 95, 0.6),
        (300, 10, 0.02, 0.10, 99, 0.2),
        (30, 2, 0.01, 0.50, 99, 1.1),
        (30, 10, 0.01, 0.50, 100, 0.2),
        (100, 2, 0.01, 0.50, 100, 0.3),
    ],
)
def test_what_a_guardrail_catches_is_what_simulations_say_r179(
    people: int, tasks: float, before: float, harmful: float, percent: float, days: float | None
) -> None:
    stage = traffic(people, tasks, before)
    assert 100 * chance_to_catch(stage, harmful, days=10) == pytest.approx(percent, abs=8)
    told = days_to_catch(stage, harmful, days=10)
    if days is None:
        assert told is None
    else:
        assert told is not None
        assert log(told / days) == pytest.approx(0, abs=log(2.7))


@pytest.mark.parametrize(
    ("people", "days", "percent"),
    [(30, 5, 46), (30, 10, 65), (100, 5, 80), (100, 10, 92), (300, 5, 96), (300, 10, 100)],
)
def test_how_often_a_harmless_stage_proves_itself_safe(people: int, days: int, percent: float) -> None:
    assert 100 * chance_to_be_safe(traffic(people, 10, 0.01), days=days) == pytest.approx(percent, abs=8)


def test_more_traffic_time_and_harm_are_caught_more_surely() -> None:
    small, large = traffic(30, 10, 0.01), traffic(300, 10, 0.01)
    assert chance_to_catch(small, 0.05, days=10) < chance_to_catch(large, 0.05, days=10)
    assert chance_to_catch(small, 0.05, days=5) < chance_to_catch(small, 0.05, days=10)
    assert chance_to_catch(small, 0.05, days=10) < chance_to_catch(small, 0.08, days=10)
    smallest = smallest_caught(small, days=10)
    assert smallest is not None
    assert chance_to_catch(small, smallest, days=10) == pytest.approx(0.8, abs=0.01)


def test_a_page_says_what_could_and_could_not_be_caught_r179() -> None:
    assert what_is_caught(traffic(30, 10, 0.01), days=10) == (
        "errors rising from 1.0% to 5.9% are taken back in four of five stages of 10 days,"
        " a rise to 2.3% in one of five"
    )
    assert what_is_caught(traffic(30, 2, 0.01), days=10) == (
        "people watch this stage: at 85 exposed tasks a week statistics catch breakage at most"
    )
    assert what_is_caught(Traffic(10, 100, 0, 0.01), days=10).startswith("people watch this stage")


def test_without_comparison_traffic_or_harm_nothing_is_caught() -> None:
    assert chance_to_catch(Traffic(10, 100, 0, 0.01), 0.5, days=10) == 0
    assert chance_to_catch(Traffic(10, 100, 200, 0.01, days_before=0), 0.5, days=10) == 0
    assert chance_to_catch(Traffic(10, 0, 200, 0.01), 0.5, days=10) == 0
    assert chance_to_catch(traffic(30, 10, 0.01), 0.01, days=10) == 0
    assert chance_to_be_safe(Traffic(10, 10, 200, 0.01), days=10) == 0  # 85 exposed tasks
    assert smallest_caught(Traffic(2, 1, 5, 0.01), days=5) is None


@pytest.mark.parametrize(("tasks", "rate"), [(-1.0, 0.01), (10.0, 0.0), (10.0, 1.0), (10.0, float("nan"))])
def test_impossible_traffic_is_refused(tasks: float, rate: float) -> None:
    with pytest.raises(ValueError, match=r"negative|share between"):
        Traffic(10, tasks, 100, rate)
