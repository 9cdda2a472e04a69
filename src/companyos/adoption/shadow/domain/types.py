"""Shadow runs as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class MarkKind(StrEnum):
    """What people say of a class of differences."""

    OPEN = "open"  # nothing yet, or taken back
    EXPECTED = "expected"  # the new path is meant to differ here
    IGNORED = "ignored"  # explained until a day
    BUG = "bug"  # to be fixed; goes on counting against the new path
    FIXED = "fixed"  # what came before counts no more; what comes after does


@dataclass(frozen=True, slots=True)
class Mark:
    """The latest word on a class of differences, with its author."""

    workflow: str
    signature: str
    kind: MarkKind
    because: str
    by: str
    at: datetime
    until: datetime | None = None
    case: str = ""

    def explains(self, now: datetime) -> bool:
        """Tell whether differences of this class no longer count against the new path."""
        if self.kind is MarkKind.IGNORED:
            return self.until is not None and now < self.until
        return self.kind is MarkKind.EXPECTED


@dataclass(frozen=True, slots=True)
class Seen:
    """Comparisons of one workflow on one day that came out alike; the signature of those that agreed is empty."""

    workflow: str
    day: str
    signature: str
    verdict: str
    severity: int
    places: tuple[str, ...]
    count: int
    tenants: tuple[str, ...]
    first: datetime
    last: datetime
    new_answered: bool = False  # after the switch: the old path ran beside


@dataclass(frozen=True, slots=True)
class Latency:
    """Response times of both sides, in ms, where both answered."""

    n: int
    old_p50: float
    old_p95: float
    new_p50: float
    new_p95: float

    @property
    def ratio(self) -> float | None:
        return self.new_p50 / self.old_p50 if self.n and self.old_p50 else None


@dataclass(frozen=True, slots=True)
class Example:
    """One comparison, redacted by its sender."""

    at: datetime
    tenant: str
    case: str
    variant: str
    version: str
    trace: str
    fields: tuple[dict[str, Any], ...]
    says: str = ""
    new_answered: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """One way through the old path: its cases in 90 days, and what came of it on the new one."""

    name: str
    cases: int
    compared: int
    unexplained: int

    @property
    def is_proven(self) -> bool:
        return self.compared > 0 and self.unexplained == 0


@dataclass(frozen=True, slots=True)
class DiffClass:
    """A class of differences as people see it: how often, how bad, how much of it is noise, and what was said."""

    workflow: str
    signature: str
    verdict: str
    places: tuple[str, ...]
    severity: int
    count: int
    by_noise: float  # of these, as many as control differs from itself
    tenants: tuple[str, ...]
    first: datetime
    last: datetime
    mark: Mark | None
    is_explained: bool
    is_back: bool  # it came again after it was marked as fixed
    new_answered: int = 0  # of these, those in which the new path answered

    @property
    def score(self) -> float:
        return max(0.0, self.count - self.by_noise) * self.severity


@dataclass(frozen=True, slots=True)
class Answered:
    """The pairs in which one of the paths had authority."""

    compared: int = 0
    same: int = 0
    unexplained: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What the comparisons of a feature, or of one of its workflows, come to."""

    compared: int = 0
    same: int = 0
    explained: int = 0
    unexplained: int = 0
    too_large: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    new_answered: Answered = Answered()  # of these, the pairs in which the new path answered

    @property
    def old_answered(self) -> Answered:
        new = self.new_answered
        return Answered(
            self.compared - new.compared, self.same - new.same, self.unexplained - new.unexplained
        )

    @property
    def skipped(self) -> int:
        return sum(self.left_out.values())
