"""What the disk does by itself: appends and syncs as an inbox log makes them, with nothing else running."""

from __future__ import annotations

import os
import tempfile
import time

from bench._instance import percentile

BYTES_AN_EVENT = 420
MOST_SYNCS_A_SECOND = 400.0


def syncs_alone(rate: int, batch: int, seconds: float) -> tuple[float, float]:
    """Append `rate` events a second, synced batch by batch; returns p99 and longest of them in ms."""
    syncs = min(MOST_SYNCS_A_SECOND, rate / batch)
    blob = os.urandom(round(rate / syncs * BYTES_AN_EVENT))
    took = list[float]()
    with tempfile.TemporaryFile(prefix="companyos-bench-") as stream:
        begin = time.monotonic()
        for number in range(round(seconds * syncs)):
            time.sleep(max(0.0, begin + number / syncs - time.monotonic()))
            began = time.monotonic()
            os.pwrite(stream.fileno(), blob, number * len(blob))
            os.fdatasync(stream.fileno())
            took.append(1000 * (time.monotonic() - began))
    return round(percentile(took, 0.99), 2), round(max(took), 2)
