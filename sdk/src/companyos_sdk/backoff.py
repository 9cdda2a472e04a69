"""How long to wait before trying again: anything up to an exponentially growing pause ("full jitter").

Spread over the whole pause, a thousand programs that lost one server do not come back in step.
https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
"""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_SECONDS = 0.5


def pause(failures: int, *, longest: float, draw: Callable[[], float] = random.random) -> float:
    """Seconds to wait after so many failures in a row, at most `longest`."""
    ceiling: float = min(longest, FIRST_SECONDS * 2 ** min(max(failures - 1, 0), 30))
    return draw() * ceiling
