"""The guardrail rule for stages that draw people at random: who meets an error first, treated or not?

People err in bursts, so a person counts once per stage: the first error decides. What is left is a row of fair
draws whose odds are known (`ratio_evidence`), whatever happens to both sides at once.
"""

from __future__ import annotations

from companyos.kernel.stats.did_split import AMBER_AT, ROLL_BACK_AT
from companyos.kernel.stats.interval import Interval
from companyos.kernel.stats.ratio_evidence import RatioEvidence

MIN_TREATED_ERRORS = 3
"""Below this nothing is rolled back: a small share can reach 20 to 1 with two errors, which nobody believes."""

MIN_EXPOSED_PEOPLE = 25
"""A hold-back inside a cohort needs this many people exposed; below it finds too little to be worth the wait."""

SAFE_RATIO = 1.5
"""A stage may be left when the ratio's upper bound lies at or below this."""


class Conditional:
    """The rule's state for one metric, over all stages of a ramp: their evidence multiplies."""

    def __init__(self, *, harmless_ratio: float = 1.0) -> None:
        self._split = RatioEvidence(harmless_ratio=harmless_ratio)
        self._erred: set[str] = set()

    def begin_stage(self) -> None:
        """Start a stage with another share: everybody may err first once more; the evidence goes on."""
        self._erred.clear()

    def take(self, *, actor: str, treated: bool, share: float) -> float:
        """Count a person's error, if it is their first of the stage, and return the evidence.

        `share` is the measured part of the exposed people who are treated, in this stage or slice of time.
        Raises ValueError, and changes nothing, when it is not strictly between 0 and 1.
        """
        if actor not in self._erred:
            self._split.take(treated, share)
            self._erred.add(actor)
        return self.evidence

    @property
    def evidence(self) -> float:
        return self._split.evidence

    @property
    def treated_errors(self) -> int:
        return self._split.treated_errors

    @property
    def control_errors(self) -> int:
        return self._split.control_errors

    @property
    def amber(self) -> bool:
        """Tell whether advancing stops."""
        return self.evidence >= AMBER_AT

    @property
    def breached(self) -> bool:
        """Tell whether the evidence is enough to take people back."""
        return self.treated_errors >= MIN_TREATED_ERRORS and self.evidence >= ROLL_BACK_AT

    def ratio(self, confidence: float) -> Interval:
        """Return how many times as often treated people err; the interval holds at every look."""
        return self._split.ratio(confidence)

    def safe_to_advance(self, *, limit: float = SAFE_RATIO) -> bool:
        """Tell whether more than `limit` times as many errors is ruled out at 95 %; `limit` is a ratio."""
        return self.ratio(0.9).high <= limit
