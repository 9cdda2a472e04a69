"""No thread of a pool outlives its test."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sides
from heard import Heard


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    sides.RELEASED.clear()
    yield
    sides.RELEASED.set()
    ours = [each for each in threading.enumerate() if each.name.startswith("companyos-shadow")]
    for thread in ours:
        thread.join(15)
    assert not any(thread.is_alive() for thread in ours), ours


@pytest.fixture
def heard() -> Heard:
    return Heard()
