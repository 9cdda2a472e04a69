"""What a person keeps for themselves: drafts, delegations, absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from companyos.work.approvals.models import Draft, StandIn

_MINE = "a person reads drafts of their own, wherever they are"


@dataclass(frozen=True, slots=True)
class DraftRow:
    id: str
    tenant: str
    type: str
    fields: dict[str, Any]
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class StandInRow:
    number: int
    to: str
    since: datetime
    until: datetime
    because: str


def drafts(person: str) -> tuple[DraftRow, ...]:
    rows = Draft.objects.across_tenants(because=_MINE).filter(author=person).order_by("-saved_at")
    return tuple(DraftRow(str(d.id), d.tenant_id, d.type, d.fields, d.saved_at) for d in rows)


def draft(person: str, draft_id: str) -> DraftRow | None:
    """Return one's own draft; None for anybody else's, and for an id that is none."""
    try:
        key = UUID(draft_id)
    except ValueError:
        return None
    return next((each for each in drafts(person) if each.id == str(key)), None)


def stand_ins(person: str, now: datetime) -> tuple[StandInRow, ...]:
    """Return who answers for a person now or later, and when they are away."""
    rows = StandIn.objects.filter(person=person, ended_at=None, until__gt=now).order_by("since", "id")
    return tuple(StandInRow(s.pk, s.to, s.since, s.until, s.because) for s in rows)
