"""Events kept folded are the events that were put in, and a stage counted from them says the same (R137)."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adoption.telemetry.guarded_world import BEFORE, STAGE_DAYS, book_of, stream, taken, watch
from companyos.adoption.telemetry.domain import folded
from companyos.adoption.telemetry.domain.folded import Folded
from companyos.adoption.telemetry.domain.symptoms import Seen

ROWS = stream(3, days=STAGE_DAYS, harm=2.0)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folded, "A_BLOCK", 16)


@given(st.integers(0, 100))
def test_what_is_folded_is_read_back_whole(many: int) -> None:
    rows, others = ROWS[:many], ROWS[many : many + 40]
    kept = Folded(rows)
    assert (list(kept), len(kept)) == (rows, many)
    assert all(kept.holds(each) for each in rows)
    assert not any(kept.holds(each) for each in others)


@pytest.mark.parametrize("seed", range(5))
def test_late_and_repeated_events_count_once_where_they_belong(seed: int) -> None:
    book = book_of(stream(1, days=BEFORE))
    in_order = taken(watch(book), ROWS)
    dice = random.Random(seed)  # the seed is the name of the test
    late = sorted(ROWS, key=lambda each: (each.time.timestamp() + dice.choice([0, 0, 0, 40_000]), each.id))
    again = dice.sample(ROWS, 30)
    out_of_order = taken(watch(book), late[:200])
    assert out_of_order.breached in {True, False}  # asked in between: counted again in between
    taken(out_of_order, [*late[200:], *again])
    assert out_of_order.reading() == in_order.reading()
    assert out_of_order.state() == in_order.state()


def test_a_recount_that_fails_half_way_loses_nothing() -> None:
    def broken() -> Iterator[Seen]:
        yield from ROWS[:50]
        raise ConnectionError("the engine went away")

    book = book_of(stream(1, days=BEFORE))
    made, whole = taken(watch(book), ROWS[:150]), taken(watch(book), ROWS)
    with pytest.raises(ConnectionError):
        made.recount(broken())
    taken(made, ROWS[150:])
    assert made.reading() == whole.reading()
    assert made.state() == whole.state()
