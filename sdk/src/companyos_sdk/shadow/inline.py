"""No pool: the other side runs in the caller's time, right after the answer. For tests and scripts."""

from __future__ import annotations

from companyos_sdk.shadow.job import Job, close_loop
from companyos_sdk.shadow.outcome import Comparison


class Inline:
    """Runs each job at once. A coroutine is run on a loop of its own, so it needs a thread that has none."""

    def __init__(self, *, timeout_seconds: float = 5.0) -> None:
        self._timeout = timeout_seconds
        self.comparisons: list[Comparison] = []  # the last hundred

    def submit(self, job: Job) -> bool:
        try:
            comparison = job.run(self._timeout)
        finally:
            close_loop()
        self.comparisons = [*self.comparisons[-99:], comparison]
        job.course.done(job, comparison)
        return True

    def close(self, *, within: float = 3.0) -> None:
        """Nothing is left to wait for."""
