"""How many of those whom a change affects knew of it before it came (R115)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from companyos.change.comms.domain.types import Receipt


@dataclass(frozen=True, slots=True)
class Reach:
    """Of `people` affected: told, opened and acknowledged by `until`; the rest came later or not at all."""

    people: int
    told: int
    opened: int
    acknowledged: int
    until: datetime

    def share(self, *, needs_ack: bool) -> float | None:
        """The share that knows: of those who had to say so, who did; of the others, who opened it."""
        if not self.people:
            return None
        return (self.acknowledged if needs_ack else self.opened) / self.people


def reach_of(
    affected: Iterable[str], receipts: Iterable[Receipt], *, changes_at: datetime | None, now: datetime
) -> Reach:
    """Count those affected who knew before the change, or know now while it is still to come.

    Whoever is affected and was never told counts as unreached; whoever was told and is not affected does not count.
    """
    people, until = frozenset(affected), min(changes_at or now, now)
    mine = [receipt for receipt in receipts if receipt.person in people]
    return Reach(
        len(people),
        sum(each.told_at <= until for each in mine),
        sum(_by(each.opened_at, until) for each in mine),
        sum(_by(each.acknowledged_at, until) for each in mine),
        until,
    )


def who_knew(receipts: Iterable[Receipt], *, needs_ack: bool, until: datetime) -> frozenset[str]:
    """Return who knew of a change by a moment: who said so where that was asked, else who had opened it."""
    return frozenset(
        each.person for each in receipts if _by(each.acknowledged_at if needs_ack else each.opened_at, until)
    )


def _by(at: datetime | None, until: datetime) -> bool:
    return at is not None and at <= until
