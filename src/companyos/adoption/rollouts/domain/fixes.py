"""What the fix-it list shows after a rollback (R190)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FailedCase:
    """One case that failed while people had the feature, and what it saw."""

    case: str
    tenant: str
    failures: int
    first: datetime
    last: datetime
    kinds: tuple[str, ...]
    errors: tuple[str, ...]
    variant: str  # what the flag answered; empty: no program reported it
    version: int | None  # of the ruleset that was served
    traces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FixDone:
    at: datetime
    by: str
    summary: str
    link: str


@dataclass(frozen=True, slots=True)
class FixList:
    """Everything to be mended after a stage was taken back, and what has been."""

    plan: str
    title: str
    stage: str
    attempt: int
    because: str
    taken_back_at: datetime
    flag: str
    people: int
    cases: tuple[FailedCase, ...]
    most: int  # more cases than these are not listed
    fixes: tuple[FixDone, ...]
    now: datetime

    @property
    def is_cut(self) -> bool:
        return len(self.cases) >= self.most
