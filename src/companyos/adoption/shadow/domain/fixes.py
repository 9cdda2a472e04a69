"""Has a fix been seen to hold? Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Fix:
    """A class of differences that was marked as fixed: how often it came before, and how many pairs ran since."""

    workflow: str
    signature: str
    places: tuple[str, ...]
    seen: int  # pairs of the class before the fix
    compared: int  # all pairs before it
    since: int  # all pairs after it

    @property
    def needed(self) -> int:
        return pairs_needed(self.seen, self.compared)

    @property
    def is_proven(self) -> bool:
        return self.since >= self.needed

    @property
    def says(self) -> str:
        return (
            f"{', '.join(self.places) or self.signature} was fixed; {self.since} of {self.needed} pairs since"
            " that would have shown it again"
        )


def pairs_needed(seen: int, compared: int, confidence: float = CONFIDENCE) -> int:
    """Return after how many pairs without it a class that came in `seen` of `compared` would have come again.

    With share p it stays away n times with probability (1 - p)^n, so n is ln(1 - confidence) / ln(1 - p).
    """
    if seen <= 0 or compared <= 0:
        return 0
    if seen >= compared:
        return 1
    return math.ceil(math.log(1 - confidence) / math.log1p(-seen / compared))
