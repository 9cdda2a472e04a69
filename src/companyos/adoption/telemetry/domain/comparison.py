"""What a stage compares with what, as the plan declares it, and what that means in plain words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from companyos.kernel.frozen_state import keeps
from companyos.kernel.stats.merge import Signal

MEASURED = (Signal.ERROR, Signal.LATENCY, Signal.ABANDONMENT, Signal.HUMAN_REPORTS)
"""Signals that are read off people's work. A shadow's mismatch is counted elsewhere, and told to the watch."""

_DRAWS = 2**32


@keeps
class Compares(StrEnum):
    """With what the people of a stage are compared."""

    TEAMS = "teams"
    RANDOMISED = "randomised"
    SWITCHBACK = "switchback"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A stage's comparison. `share` is the part of people (or of person-days) that is drawn to be on."""

    kind: Compares = Compares.TEAMS
    share: float | None = None
    signals: tuple[Signal, ...] = (Signal.ERROR,)
    slow_after_ms: float | None = None  # None: the limit that 5 % of last week's tasks exceeded
    abandoned_after_hours: float = 4.0

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Comparison:
        """Read it from a plan's `comparison`; nothing said means teams, watched by their errors."""
        named = document.get("signals", ["error"])
        return cls(
            Compares(document.get("kind", Compares.TEAMS)),
            document.get("share"),
            tuple(Signal[name.upper()] for name in named),
            document.get("slow_after_ms"),
            document.get("abandoned_after_hours", 4.0),
        )

    def to_document(self) -> dict[str, Any]:
        """Write it as it stands in a plan, defaults left out; empty when all are."""
        plain = Comparison()
        said: dict[str, Any] = {"kind": str(self.kind)} if self.kind is not plain.kind else {}
        if self.share is not None:
            said["share"] = self.share
        if self.signals != plain.signals:
            said["signals"] = [signal.name.lower() for signal in self.signals]
        for name in ("slow_after_ms", "abandoned_after_hours"):
            if getattr(self, name) != getattr(plain, name):
                said[name] = getattr(self, name)
        return said

    @property
    def draws_people(self) -> bool:
        return self.kind is Compares.RANDOMISED

    def draws(self, salt: str, person: str) -> bool:
        """Tell whether a person is drawn; a larger share keeps everybody whom a smaller one drew (R117)."""
        return self.share is None or _drawn(f"{salt}/{person}") < self.share

    def draws_on(self, salt: str, person: str, day: date) -> bool:
        """Tell whether a person's day is drawn to be on: by lot anew for each person and day."""
        return self.share is None or _drawn(f"{salt}/{person}/{day.isoformat()}") < self.share

    def says(self) -> str:
        """Say in plain words what is compared with what."""
        share = f"{self.share:.0%}" if self.share is not None else ""
        return {
            Compares.TEAMS: (
                "The teams of this stage, each against its own four weeks before and against the teams that are"
                " still off, day by day."
            ),
            Compares.RANDOMISED: (
                f"People drawn by lot ({share} are on) against the others of the same cohort: whose first error"
                " comes next?"
            ),
            Compares.SWITCHBACK: (
                f"Each person against themselves: each person's day is on or off by lot ({share} are on). Only for"
                " changes that nobody sees."
            ),
            Compares.NONE: (
                "The people of this stage against their own weeks before. An incident that hits everybody looks the"
                " same, so this holds and pages, and never takes back by itself."
            ),
        }[self.kind]


TEAMS = Comparison()


def _drawn(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) / _DRAWS
