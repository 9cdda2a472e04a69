"""How far the log is on disk, told across processes: a number in a file, and a bell that rings when it grows.

The writer puts the number there after its fdatasync; a reader in another process goes no further. A frame that is
written and not yet synced may be gone after a power cut, and its seq be given to another frame.
"""

from __future__ import annotations

import os
import select
import socket
import struct
from pathlib import Path

_NUMBER = struct.Struct("<QQ")  # the seq, and its complement: both fit, or it is read again
_ALL = 2**64 - 1
_TRIES = 1000


class SyncedNote:
    """The file `synced` of an inbox folder, as its writer keeps it. Of no meaning once the writer has ended."""

    def __init__(self, folder: Path, seq: int) -> None:
        self._file = os.open(folder / "synced", os.O_RDWR | os.O_CREAT, 0o644)
        self._bells: list[socket.socket] = []
        self.write(seq)

    def write(self, seq: int) -> None:
        os.pwrite(self._file, _NUMBER.pack(seq, _ALL - seq), 0)
        for bell in tuple(self._bells):
            try:
                bell.send(b".")
            except BlockingIOError:
                pass  # full: what was rung before has not been heard yet
            except OSError:
                self._bells.remove(bell)  # nobody listens any more

    def ring(self, bell: socket.socket) -> None:
        """Ring this bell whenever the number grows."""
        bell.setblocking(False)
        self._bells.append(bell)

    def close(self) -> None:
        os.close(self._file)


class SyncedReading:
    """The same file, as a reader in another process follows it."""

    def __init__(self, folder: Path, bell: socket.socket) -> None:
        self._file = os.open(folder / "synced", os.O_RDONLY)
        self._bell = bell

    def seq(self) -> int:
        for _ in range(_TRIES):
            seq, complement = _NUMBER.unpack(os.pread(self._file, _NUMBER.size, 0))
            if seq == _ALL - complement:
                return int(seq)
        raise OSError("the inbox's note of what is synced cannot be read; start the instance again")

    def wait(self, timeout: float) -> bool:
        """Wait for the bell, at most `timeout` seconds; False when its writer is gone. One thread waits."""
        if not select.select([self._bell], [], [], timeout)[0]:
            return True
        return bool(self._bell.recv(65536))

    def close(self) -> None:
        os.close(self._file)
