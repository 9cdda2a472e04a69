"""How many bytes of requests may be in memory at once: who comes when it is full is asked to come again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from companyos.surfaces.edge.answers import Refused

MOST_BYTES = 64 * 1024 * 1024
_RETRY_AFTER = 2


class Budget:
    """Bytes of bodies being read or waiting for the disk. Belongs to the event loop's thread."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self.taken = most, 0

    @contextmanager
    def reserve(self, announced: bytes, *, most: int) -> Iterator[None]:
        """Hold what a request announced; one that announces nothing may send `most` bytes, so these are held."""
        size = min(int(announced), most) if announced.isdigit() and len(announced) < 20 else most
        if self.taken + size > self._most:
            words = (
                "Too much is coming in at once. Nothing of this request was kept; send it again in a moment."
            )
            raise Refused(503, {"error": words}, retry_after=_RETRY_AFTER)
        self.taken += size
        try:
            yield
        finally:
            self.taken -= size
