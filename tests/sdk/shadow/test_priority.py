"""R118: a process that steps back is not called late for what it waited for a processor."""

from __future__ import annotations

import os

import pytest

from companyos_sdk.shadow import priority


@pytest.mark.parametrize(
    ("passed", "waited", "left"),
    [
        (0.0, 0.0, 2.0),
        (1.5, 1.0, 0.5),  # what it waited counts only once it would be late
        (2.5, 0.0, -0.5),
        (2.5, 1.0, 0.5),
        (7.5, 7.0, 0.5),  # four times as long in all
        (9.0, 9.0, -1.0),
    ],
)
def test_R118_waiting_for_a_processor_is_excused(
    passed: float, waited: float, left: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {"now": 100.0, "waited": 3.0}
    monkeypatch.setattr(priority, "monotonic", lambda: seen["now"])
    monkeypatch.setattr(priority, "_waited", lambda _: seen["waited"])
    clock = priority.own_time_left(1, 2.0)
    seen.update(now=100.0 + passed, waited=3.0 + waited)
    assert clock() == pytest.approx(left)


def test_a_process_that_is_gone_has_waited_for_nothing() -> None:
    assert priority._waited(2**30) == 0.0
    assert priority._waited(os.getpid()) >= 0.0
