"""For how long what is kept: one line of the program for each data domain, and what it covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Holds(StrEnum):
    EVENTS = "events"
    QUARANTINE = "quarantine"
    INBOX = "inbox"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Reach:
    """Events by name and tenant (empty: all), less what other domains claim."""

    events: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    other_events: tuple[str, ...] = ()
    other_tenants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keeping:
    """A data domain. Of events it covers those of `events`, or of `tenants`; with neither, what no other one does."""

    domain: str
    title: str
    holds: Holds
    days: int
    owner: str
    because: str
    events: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Keeping:
        return cls(
            document["domain"],
            document["title"],
            Holds(document["holds"]),
            document["days"],
            document["owner"],
            document["because"],
            tuple(document.get("events", ())),
            tuple(document.get("tenants", ())),
        )

    def before(self, now: datetime) -> datetime:
        """Return the moment before which nothing of it is kept."""
        return now - timedelta(days=self.days)


def reach(keeping: Keeping, among: Iterable[Keeping]) -> Reach:
    """Return which events are this domain's, given what the others claim."""
    others = [each for each in among if each.holds is Holds.EVENTS and each.domain != keeping.domain]
    named = () if keeping.events else tuple(name for each in others for name in each.events)
    claimed = () if keeping.events or keeping.tenants else tuple(t for each in others for t in each.tenants)
    return Reach(keeping.events, keeping.tenants, named, claimed)
