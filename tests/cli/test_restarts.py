"""A child that ends is started again, each time a little later, and never for ever."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from companyos.cli.restarts import LONGEST_WAIT_SECONDS, Kept, wait_before_restart


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0.5), (1, 1), (2, 2), (5, 16), (6, 30), (1000, 30)])
def test_the_wait_doubles_up_to_half_a_minute(failures: int, seconds: float) -> None:
    assert wait_before_restart(failures) == seconds <= LONGEST_WAIT_SECONDS


def test_a_child_is_up_when_it_says_so_and_ends_when_told() -> None:
    code = (
        "import socket, sys, time\n"
        "bell = socket.socket(fileno=int(sys.argv[2]))\n"
        "bell.send(b'R')\n"
        "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    pass\n"
    )
    kept = Kept([sys.executable, "-c", code], inherits=[], heard=lambda end: None, gave_up=lambda code: False)
    kept.start()
    deadline = time.monotonic() + 20
    while not kept.is_up:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    kept.stop()
    kept.stop()
    kept.ended()
    assert not kept.is_up
    assert kept.pid is None


def test_nothing_is_started_again_once_it_is_given_up() -> None:
    codes: list[int] = []
    ended = threading.Event()

    def gave_up(code: int) -> bool:
        codes.append(code)
        ended.set()
        return True

    kept = Kept(
        [sys.executable, "-c", "import sys; sys.exit(2)"],
        inherits=[],
        heard=lambda end: None,
        gave_up=gave_up,
    )
    kept.start()
    assert ended.wait(20)
    kept.ended()
    assert codes == [2]
