"""The only exact guardrail rule for whole teams: each person's day is on or off by lot, everybody their own control.

For changes that people do not see; a visible one would flicker. Given that somebody's day had an error, it was an
"on" day with the chance of the draw, whoever the person and whatever the day (statistics: `ratio_evidence`).
"""

from __future__ import annotations

from datetime import date

from companyos.kernel.stats.conditional import MIN_TREATED_ERRORS
from companyos.kernel.stats.did_split import ROLL_BACK_AT
from companyos.kernel.stats.interval import Interval
from companyos.kernel.stats.ratio_evidence import RatioEvidence


class Switchback:
    """The rule's state for one metric; only people of the exposed teams are drawn, so only theirs count."""

    def __init__(self, *, on_share: float) -> None:
        """`on_share` is the drawn chance that a person's day is on, strictly between 0 and 1 (0.5 finds most)."""
        if not 0 < on_share < 1:
            raise ValueError(
                f"a person-day must be on and off at times; a share of {on_share} never compares"
            )
        self._on_share = on_share
        self._split = RatioEvidence()
        self._erred: set[tuple[str, date]] = set()

    def take(self, *, person: str, day: date, on: bool) -> float:
        """Count the first error of a person's day and return the evidence; later ones of that day say nothing."""
        if (person, day) not in self._erred:
            self._erred.add((person, day))
            self._split.take(on, self._on_share)
        return self.evidence

    @property
    def evidence(self) -> float:
        return self._split.evidence

    @property
    def breached(self) -> bool:
        """Tell whether the evidence is enough to take people back."""
        return self._split.treated_errors >= MIN_TREATED_ERRORS and self.evidence >= ROLL_BACK_AT

    def ratio(self, confidence: float) -> Interval:
        """Return how many times as many days with an error "on" makes; the interval holds at every look."""
        return self._split.ratio(confidence)
