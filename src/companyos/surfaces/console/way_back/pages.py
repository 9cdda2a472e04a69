"""What the page of the way back shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.flags.queries import PathOf
from companyos.surfaces.console.cases.pages import Captured


@dataclass(frozen=True, slots=True)
class WayBackPage:
    """One person's path with one flag, and what a tap would do. Context name: `page`."""

    now: datetime
    path: PathOf | None
    until: datetime  # of a day that began now
    reasons: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...]  # that the person leads
    captured: tuple[Captured, ...]
    feature: str = ""
    words: str = ""
    problem: str = ""
    signed_in: bool = True
