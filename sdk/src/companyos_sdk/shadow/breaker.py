"""Rests a candidate that fails again and again: after a while it gets one try, and comes back if that goes well."""

from __future__ import annotations

import threading
from time import monotonic


class Breaker:
    """Counts failures in a row. A failure is a hang, a crash of the process, too large an answer, or an error.

    `after` failures in a row it opens for `rest_seconds`; then one call is let through.
    """

    def __init__(self, *, after: int = 10, rest_seconds: float = 30.0) -> None:
        if after < 1 or rest_seconds < 0:
            raise ValueError("a breaker opens after at least one failure, and rests no less than no time")
        self.after, self.rest_seconds = after, rest_seconds
        self.opened = 0  # how often
        self._in_a_row = 0
        self._rests_until = 0.0
        self.is_open = False  # read by every call
        self._lock = threading.Lock()

    def lets_through(self) -> bool:
        """Tell whether a call may run. Takes no lock while closed."""
        if not self.is_open:
            return True
        with self._lock:
            now = monotonic()
            if now < self._rests_until:
                return False
            self._rests_until = now + self.rest_seconds  # others wait while this one tries
            return True

    def went_well(self) -> None:
        if self._in_a_row or self.is_open:
            with self._lock:
                self._in_a_row, self.is_open = 0, False

    def failed(self) -> bool:
        """Count a failure; tells whether it opened the breaker."""
        with self._lock:
            self._in_a_row += 1
            if self.is_open:
                self._rests_until = monotonic() + self.rest_seconds
                return False
            if self._in_a_row < self.after:
                return False
            self.is_open, self._rests_until = True, monotonic() + self.rest_seconds
            self.opened += 1
            return True
