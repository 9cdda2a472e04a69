"""Quarters of the company's calendar, and when the vote about one is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

VOTE_LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    year: int
    n: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.n}"

    @property
    def title(self) -> str:
        return f"quarter {self.n} of {self.year}"

    @property
    def following(self) -> Quarter:
        return Quarter(self.year + self.n // 4, self.n % 4 + 1)

    @property
    def before(self) -> Quarter:
        return Quarter(self.year - (self.n == 1), (self.n - 2) % 4 + 1)

    def begins(self, zone: tzinfo) -> datetime:
        return datetime(self.year, 3 * self.n - 2, 1, tzinfo=zone)

    def ends(self, zone: tzinfo) -> datetime:
        return self.following.begins(zone)

    def closes(self, zone: tzinfo) -> datetime:
        """When the vote about what shipped in it is over; it begins when the quarter ends."""
        return self.ends(zone) + VOTE_LASTS

    def votes_at(self, now: datetime, zone: tzinfo) -> bool:
        return self.ends(zone) <= now < self.closes(zone)


def quarter_of(now: datetime, zone: tzinfo) -> Quarter:
    here = now.astimezone(zone)
    return Quarter(here.year, (here.month + 2) // 3)


def quarter_named(name: str) -> Quarter | None:
    """Read `2026-Q4`; None for anything else."""
    year, _, n = name.partition("-Q")
    if not (
        year.isdecimal() and year.isascii() and len(year) == 4 and int(year) and n in {"1", "2", "3", "4"}
    ):
        return None
    return Quarter(int(year), int(n))
