"""Councils: who sat, who skipped and why, what was on the agenda and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.work.roadmap.domain.agenda import Item
from companyos.work.roadmap.domain.types import PlacedRow
from companyos.work.roadmap.models import Council, Placed, Turn
from companyos.work.roadmap.queries.suggestions import ALL, placed


@dataclass(frozen=True, slots=True)
class TurnRow:
    team: str
    skipped_because: str
    skipped_by: str


@dataclass(frozen=True, slots=True)
class CouncilRow:
    """A council; `decided` has the decision of each point of the agenda that has one, by its key."""

    month: str
    at: datetime
    by: str
    turns: tuple[TurnRow, ...]
    agenda: tuple[Item, ...]
    decided: dict[str, PlacedRow]


def turns_so_far() -> tuple[str, ...]:
    """Return every turn there was, the oldest first."""
    return tuple(Turn.objects.order_by("council_id", "seat").values_list("team", flat=True))


def councils() -> tuple[CouncilRow, ...]:
    """Return every council, the newest first."""
    return tuple(_row(row) for row in Council.objects.order_by("-month").prefetch_related("turns"))


def council(month: str) -> CouncilRow | None:
    row = Council.objects.filter(pk=month).prefetch_related("turns").first()
    return _row(row) if row else None


def _row(row: Council) -> CouncilRow:
    turns = sorted(row.turns.all(), key=lambda each: each.seat)
    here = Placed.objects.across_tenants(because=ALL).filter(council=row.month)
    decided = {
        str(key): next(each for each in placed(str(key)) if each.council == row.month)
        for key in here.values_list("suggestion_id", flat=True).distinct()
    }
    return CouncilRow(
        row.month,
        row.at,
        row.by,
        tuple(TurnRow(each.team, each.skipped_because, each.skipped_by) for each in turns),
        tuple(Item(**point) for point in row.agenda),
        decided,
    )
