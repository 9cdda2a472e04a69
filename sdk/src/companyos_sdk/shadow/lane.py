"""What waits for a pool's threads. Putting something in wakes nobody while there is traffic.

Waking a thread costs the caller a system call, and then both want the interpreter at once. So threads look by
themselves every ten milliseconds, and only after a second without work do they sleep until they are woken. Between two
jobs they pause, so that a caller who comes back meanwhile waits for one job at most, and not for all that piled up.
"""

from __future__ import annotations

import threading
from collections import deque
from time import sleep
from typing import Generic, TypeVar

_LOOK_EVERY = 0.01
_LOOKS_BEFORE_SLEEP = 100
_BETWEEN_JOBS = 0.0002
T = TypeVar("T")


class Lane(Generic[T]):
    """A queue of many writers and readers. Only `offer` keeps to a bound."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._woken = threading.Event()
        self._sleepers = 0
        self._counting = threading.Lock()

    def put(self, item: T) -> None:
        self._items.append(item)
        if self._sleepers:
            self._woken.set()

    def offer(self, item: T, most: int) -> bool:
        """Put something in unless `most` wait already; tells whether it was taken."""
        if len(self._items) >= most:
            return False
        self._items.append(item)
        if self._sleepers:
            self._woken.set()
        return True

    def get(self) -> T:
        """Return the next item, whenever it comes."""
        sleep(_BETWEEN_JOBS)
        while True:
            for _ in range(_LOOKS_BEFORE_SLEEP):
                try:
                    return self._items.popleft()
                except IndexError:
                    sleep(_LOOK_EVERY)
            self._sleep()

    def _sleep(self) -> None:
        with self._counting:
            self._sleepers += 1
            self._woken.clear()
        if not self._items:  # who put something in before we counted as asleep did not wake us
            self._woken.wait()
        with self._counting:
            self._sleepers -= 1
