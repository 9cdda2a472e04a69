"""What passes to the other side is a copy within a bound, whoever copies at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos_sdk.shadow.carry import MOST_BYTES, NotCarried, packed, unpacked

PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(PLAIN)
def test_a_copy_equals_what_was_copied(value: Any) -> None:
    assert unpacked(packed(value)) == value


def test_a_copy_is_not_what_was_copied_however_large() -> None:
    original = {"bytes": bytearray(100_000), "list": [1]}
    copy = packed(original)
    original["bytes"][0], original["list"] = 1, []  # type: ignore[index]
    assert unpacked(copy) == {"bytes": bytearray(100_000), "list": [1]}


@pytest.mark.parametrize("value", ["x" * MOST_BYTES, bytearray(MOST_BYTES), [str(n) for n in range(60_000)]])
def test_what_is_too_large_is_refused_and_the_next_copy_is_whole(value: Any) -> None:
    with pytest.raises(NotCarried, match="more than is copied"):
        packed(value)
    assert unpacked(packed({"a": 1})) == {"a": 1}


def test_what_cannot_be_copied_says_so() -> None:
    with pytest.raises(NotCarried, match="no copy"):
        packed(lambda: None)


def test_many_threads_copy_at_once() -> None:
    values = [{"n": n, "text": "x" * (n * 37 % 5_000)} for n in range(400)]
    with ThreadPoolExecutor(8) as threads:
        assert [unpacked(each) for each in threads.map(packed, values)] == values
