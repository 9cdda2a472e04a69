"""How far ahead people are told, and where it is posted: the `comms` section of the company's file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from companyos.change.comms.domain.types import Size

UPDATES = "#companyos-updates"


@dataclass(frozen=True, slots=True)
class Telling:
    """Working days between a heads-up and the change, by size; the channel; when the daily post goes out."""

    channel: str = UPDATES
    major_days: int = 5
    minor_days: int = 1
    daily_at: time = time(16)

    def days(self, size: Size) -> int:
        return self.major_days if size is Size.MAJOR else self.minor_days

    @property
    def longest(self) -> int:
        return max(self.major_days, self.minor_days)
