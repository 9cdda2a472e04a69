"""Messages over a pipe: four bytes of length, then as many bytes."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from typing import IO

MOST_BYTES = 64 * 1024 * 1024


def write_frame(pipe: IO[bytes], data: bytes) -> None:
    """Send one message. Raises OSError when nobody reads any more."""
    pipe.write(len(data).to_bytes(4, "big") + data)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> bytes:
    """Receive one message. Raises EOFError when the other side has ended."""
    size = int.from_bytes(_exactly(pipe, 4), "big")
    if size > MOST_BYTES:
        raise EOFError("what comes is no message")
    return _exactly(pipe, size)


class Late(Exception):
    """The other side did not answer in time."""


def exchange(writes: int, reads: int, data: bytes, *, left: Callable[[], float]) -> bytes:
    """Send one message over a pipe and return its answer; both file descriptors must not block.

    `left` says how many seconds are left: no thread watches the time, whoever waits does. Raises Late, EOFError and
    OSError.
    """
    unsent = memoryview(len(data).to_bytes(4, "big") + data)
    while unsent:
        _ready(writes, left, to_write=True)
        unsent = unsent[os.write(writes, unsent) :]
    size = int.from_bytes(_received(reads, 4, left), "big")
    if size > MOST_BYTES:
        raise EOFError("what comes is no message")
    return _received(reads, size, left)


def _received(reads: int, size: int, left: Callable[[], float]) -> bytes:
    data = bytearray()
    while len(data) < size:
        _ready(reads, left, to_write=False)
        part = os.read(reads, size - len(data))
        if not part:
            raise EOFError("the other side has ended")
        data += part
    return bytes(data)


def _ready(pipe: int, left: Callable[[], float], *, to_write: bool) -> None:
    poll = select.poll()
    poll.register(pipe, select.POLLOUT if to_write else select.POLLIN)
    while (seconds := left()) > 0:
        if poll.poll(seconds * 1000):
            return
    raise Late


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError("the other side has ended")
    return data
