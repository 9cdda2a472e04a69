"""The people of a stage, as its guardrail compares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from companyos.adoption.telemetry.domain.comparison import Compares, Comparison


@dataclass(frozen=True, slots=True)
class Who:
    """Those whom the stage switches on, those still off, each one's team, and who is on of all stages so far."""

    exposed: frozenset[str]
    others: frozenset[str]
    team_of: Mapping[str, str]
    everybody_on: frozenset[str] = frozenset()
    salt: str = ""  # of the draw of person-days

    @property
    def share_on(self) -> float | None:
        """Return which part of those compared the stage switches on; None when there are not both.

        In a ramp this is not the share of the plan: those whom an earlier stage drew are compared no more.
        """
        compared = len(self.exposed) + len(self.others)
        return len(self.exposed) / compared if self.exposed and self.others else None

    def concerns(self, person: str) -> bool:
        """People of earlier stages are on for good and compared with nobody; strangers only spoil the roster."""
        return person in self.exposed or person not in self.everybody_on

    def is_on(self, person: str, day: date, comparison: Comparison) -> bool:
        if comparison.kind is Compares.SWITCHBACK:
            return person in self.exposed and comparison.draws_on(self.salt, person, day)
        return person in self.exposed

    def is_compared(self, person: str, comparison: Comparison) -> bool:
        if person in self.exposed:
            return True
        return person in self.others and comparison.kind is not Compares.SWITCHBACK
