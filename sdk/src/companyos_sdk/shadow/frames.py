"""Messages over a pipe: four bytes of length, then as many bytes."""

from __future__ import annotations

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


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError("the other side has ended")
    return data
