"""Does an experiment divide people as it was told to? If not, no comparison of its arms can be trusted (R18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from companyos.adoption.flags.domain.types import Arm
from companyos.kernel.stats.split_check import split_p_value

SUSPICIOUS = 0.001  # so rare by chance that something else must be at work
_LEAST_EXPECTED = 5.0  # below, the test's own approximation does not hold


class Split(StrEnum):
    AS_PLANNED = "as_planned"
    MISMATCH = "mismatch"
    TOO_FEW = "too_few_people"


@dataclass(frozen=True, slots=True)
class SplitCheck:
    """What is known of the division, with the numbers."""

    verdict: Split
    because: str
    p: float | None = None


def check_split(arms: tuple[Arm, ...], met: Mapping[str, int]) -> SplitCheck:
    """Judge the people who met each arm against the arms' weights."""
    used = [arm for arm in arms if arm.weight > 0]
    counts, weights = [met.get(arm.name, 0) for arm in used], [arm.weight for arm in used]
    total, whole = sum(counts), sum(weights)
    told = ", ".join(
        f"{n} {arm.name} ({arm.weight / whole:.0%} planned)" for n, arm in zip(counts, used, strict=True)
    )
    if total * min(weights) / whole < _LEAST_EXPECTED:
        return SplitCheck(Split.TOO_FEW, f"{told}: too few to tell")
    p = split_p_value(counts, weights)
    if p < SUSPICIOUS:
        return SplitCheck(
            Split.MISMATCH, f"{told}: chance alone does this less than once in 1,000 (p = {p:.1g})", p
        )
    return SplitCheck(Split.AS_PLANNED, f"{told}: as chance would have it (p = {p:.2f})", p)
