"""A block is drained now and then: its price is the same however little is in it."""

from __future__ import annotations

import pytest

from companyos.analytics.limits import EngineAway
from companyos.surfaces.worker import loop


class Engine:
    """Takes blocks from a drain that says how often it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.asked, self.is_behind, self.is_away = 1000.0, 0, False, False
        monkeypatch.setattr(loop.time, "monotonic", lambda: self.now)
        self.draining = loop._Draining(self.drain)

    def drain(self) -> bool:
        self.asked += 1
        if self.is_away:
            raise EngineAway("nothing answers")
        return self.is_behind

    def asked_in(self, seconds: float) -> int:
        """Take turns a hundred times a second; says how many of them drained."""
        before = self.asked
        for _ in range(round(100 * seconds)):
            self.draining.answers()
            self.now += 0.01
        return self.asked - before


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    return Engine(monkeypatch)


def test_what_comes_within_half_a_second_is_one_block(engine: Engine) -> None:
    assert engine.asked_in(10) == pytest.approx(20, abs=1)
    assert engine.draining.answers()


def test_gates_judge_what_has_just_been_drained(engine: Engine) -> None:
    engine.asked_in(1)
    before = engine.asked
    engine.draining.hurry()
    assert engine.draining.answers() and engine.asked == before + 1


def test_while_there_is_more_than_a_block_every_turn_drains(engine: Engine) -> None:
    engine.is_behind = True
    assert engine.asked_in(1) == 100
    engine.is_behind = False
    assert engine.asked_in(1) <= 3


def test_an_engine_that_is_away_is_asked_every_ten_seconds_and_gates_hear_of_it(engine: Engine) -> None:
    engine.is_away = True
    assert engine.asked_in(30) == pytest.approx(3, abs=1)
    engine.draining.hurry()
    assert not engine.draining.answers() and engine.asked == 3
    engine.is_away = False
    engine.asked_in(11)
    assert engine.draining.answers()
