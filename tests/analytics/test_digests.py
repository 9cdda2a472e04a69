"""A map in arrays is the map that a dictionary would be, and gives back what has ended."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from companyos.analytics.inbox.digests import Digests

KEYS = st.integers(1, 40).map(lambda n: n << 50 | 7)  # all in one shard, many in one place
WORDS = st.lists(st.tuples(KEYS, st.integers(1, 100), st.booleans()), max_size=120)


@given(WORDS)
def test_it_knows_what_a_dictionary_knows(words: list[tuple[int, int, bool]]) -> None:
    kept, plain = Digests(), dict[int, int]()
    for key, value, over in words:
        if over:
            kept.put(key, value)
            plain[key] = value
        else:
            assert kept.known_or(key, value) == plain.get(key, 0)
            plain.setdefault(key, value)
    assert len(kept) == len(plain)
    assert all(kept.known_or(key, 1) == value for key, value in plain.items())


def test_what_has_ended_is_given_back_a_little_at_a_time() -> None:
    kept = Digests()
    for number in range(1, 20_001):
        kept.put(number * 2_654_435_761, number)
    held = len(kept)
    kept.raise_floor(10_001)
    for _ in range(20_000):
        kept.sweep(1)
    assert len(kept) == 10_000 <= held
    assert kept.known_or(20_000 * 2_654_435_761, 1) == 20_000
    assert kept.known_or(1 * 2_654_435_761, 5) == 0
