"""What the pages of shadow runs show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from companyos.adoption.shadow.domain.types import DiffClass, Example, Latency, Mark, Standing, Variant


@dataclass(frozen=True, slots=True)
class HomeLine:
    feature: str
    title: str
    comparisons: int


@dataclass(frozen=True, slots=True)
class HomePage:
    lines: tuple[HomeLine, ...]
    days: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An example as this viewer may see it."""

    example: Example
    has_values: bool


@dataclass(frozen=True, slots=True)
class ClassLine:
    seen: DiffClass
    state: str
    word: str
    author: str
    examples: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Day:
    day: str
    compared: int
    same: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        return self.same / self.compared


@dataclass(frozen=True, slots=True)
class Authority:
    """The pairs in which one of both paths answered."""

    who: str
    compared: int
    unexplained: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    tone: str
    headline: str
    says: str


@dataclass(frozen=True, slots=True)
class MarkLine:
    mark: Mark
    author: str


@dataclass(frozen=True, slots=True)
class Explorer:
    """One feature's comparisons."""

    feature: str
    title: str
    now: datetime
    days: int
    workflow: str
    workflows: tuple[str, ...]
    verdict: Verdict
    standing: Standing
    upper: float
    chart: SafeString
    by_day: tuple[Day, ...]
    answered: tuple[Authority, ...]
    classes: tuple[ClassLine, ...]
    variants: tuple[Variant, ...]
    coverage: float | None
    latency: Latency
    history: tuple[MarkLine, ...]
    may_mark: bool
