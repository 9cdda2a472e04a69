"""One process per folder: a file lock that ends with the process, however it ends."""

from __future__ import annotations

import fcntl
from pathlib import Path


class FolderInUse(Exception):
    """Another process works in this folder."""


class FolderLock:
    """Held from construction until `release`. `what` names the folder's purpose in the error message."""

    def __init__(self, folder: Path, what: str) -> None:
        self._file = (folder / ".lock").open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise FolderInUse(
                f"{what} in {folder} is in use by another process. "
                "Stop that one first, or start this one with another data directory."
            ) from None

    def release(self) -> None:
        self._file.close()
