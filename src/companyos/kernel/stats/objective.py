"""Whether exposed people err more often than an objective allows, without anybody to compare them with.

An e-process like `ratio_evidence`, against a fixed share. It alarms on an outage of everybody too, as it should:
it may hold a rollout and page somebody, never roll back.
"""

from __future__ import annotations

from math import exp, inf, log, log1p

from companyos.kernel.stats.ratio_evidence import RATIOS

HOLD_AT = 20.0
MIN_ERRORS = 3
_LARGEST_SHARE = 0.9


class Objective:
    """The state for one metric: take people (or sessions) one by one, each failed or not."""

    evidence: float
    failed: int
    seen: int

    def __init__(self, *, most: float) -> None:
        """`most` is the objective: the largest share that may fail, above 0 and below 0.9."""
        if not 0 < most < _LARGEST_SHARE:
            raise ValueError(f"an objective is a share between 0 and {_LARGEST_SHARE}, got {most}")
        shares = [min(ratio * most, _LARGEST_SHARE) for ratio in RATIOS]
        self._on_failure = [log(share / most) for share in shares]
        self._on_success = [log1p(-share) - log1p(-most) for share in shares]
        self._logs = [0.0] * len(RATIOS)
        self.evidence, self.failed, self.seen = 1.0, 0, 0

    def take(self, failed: bool) -> float:
        """Count one and return the evidence that more than the objective's share fail."""
        step = self._on_failure if failed else self._on_success
        self._logs = [log_e + more for log_e, more in zip(self._logs, step, strict=True)]
        self.seen += 1
        self.failed += failed
        self.evidence = sum(exp(log_e) if log_e < 700 else inf for log_e in self._logs) / len(RATIOS)
        return self.evidence

    @property
    def holds(self) -> bool:
        """Tell whether the rollout holds and somebody is paged."""
        return self.failed >= MIN_ERRORS and self.evidence >= HOLD_AT
