"""Were people drawn in the shares that the plan says? Safe to look at after every person (sequential SRM check)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from companyos.adoption.telemetry.domain.comparison import Compares, Comparison
from companyos.kernel.stats.srm import MISMATCH_AT, SampleRatio

ON, OFF = "on", "off"


@dataclass(frozen=True, slots=True)
class Division:
    """How many people met which side first, and how strongly that speaks against the share planned."""

    on: int
    off: int
    planned: float
    evidence: float

    @property
    def people(self) -> int:
        return self.on + self.off

    @property
    def share(self) -> float | None:
        return self.on / self.people if self.people else None

    @property
    def mismatched(self) -> bool:
        return self.evidence >= MISMATCH_AT

    def says(self) -> str:
        """Say it in a sentence."""
        if not self.people:
            return "Nobody of those drawn has met it yet."
        found = (
            f"{self.on} of {self.people} people met it switched on, where {self.planned:.0%} were to be drawn"
        )
        if self.mismatched:
            odds = f"{self.evidence:,.0f}" if self.evidence < 1e6 else "more than a million"
            return f"{found}: {odds} to 1 against the draw. Compare nothing until it is known why."
        return (
            f"{found}. That is no sign of a fault: it would be one from {MISMATCH_AT:.0f} to 1 on, and this is"
            f" {self.evidence:.2g} to 1."
        )


def division(comparison: Comparison, met: Mapping[str, int]) -> Division | None:
    """Judge who met which side first; None where nobody was drawn, so that no share was planned."""
    share = comparison.share
    if comparison.kind is not Compares.RANDOMISED or share is None or not 0 < share < 1:
        return None
    ratio = SampleRatio({ON: share, OFF: 1 - share})
    for side in (ON, OFF):  # the evidence is the same in whatever order they came
        for _ in range(met.get(side, 0)):
            ratio.take(side)
    return Division(ratio.people[ON], ratio.people[OFF], share, ratio.evidence)


def why_there_is_none(comparison: Comparison) -> str:
    """Say why a stage has no such check, and what is checked instead."""
    match comparison.kind:
        case Compares.RANDOMISED:
            return "Everybody of this stage was drawn, so there is no share to hold the numbers against."
        case Compares.SWITCHBACK:
            return (
                "Each person's day is drawn, and in time everybody meets both sides: how many people met which says"
                " nothing about the draw."
            )
        case Compares.TEAMS | Compares.NONE:
            return (
                "Whole teams are switched on, nobody is drawn by lot, so there is no share to hold the numbers against."
                " The guardrail checks the roster instead: only people of the stage may work on the new path."
            )
