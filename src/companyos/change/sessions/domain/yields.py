"""What a dogfood hour brought: cases a person, and the share that somebody can act on (R100)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol


class Filed(Protocol):
    """A case as this page needs it."""

    @property
    def is_taken_up(self) -> bool: ...
    @property
    def can_be_repeated(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Yield:
    """`actionable`: accepted or fixed, and with what one needs to see it again."""

    people: int
    cases: int
    actionable: int

    @property
    def a_person(self) -> float | None:
        return self.cases / self.people if self.people else None

    @property
    def share(self) -> float | None:
        return self.actionable / self.cases if self.cases else None


def yield_of(people: Collection[str], cases: Iterable[Filed]) -> Yield:
    """Count what those who signed in filed during the hour. A case that was merged into another is not actionable."""
    filed = list(cases)
    return Yield(len(people), len(filed), sum(each.is_taken_up and each.can_be_repeated for each in filed))
