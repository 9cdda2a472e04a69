"""The daily checkpoints of a rollout, as pages show them (R137)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Held:
    day: date
    stage: str
    at: datetime
    by: str
    status: str
    diffs: str
    blockers: str
    go: bool
    corrected: int  # earlier entries of the same day; they are kept


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """`missed` are working days since the running stage began, up to yesterday, without one."""

    held: tuple[Held, ...]
    missed: tuple[date, ...]
    today: bool
