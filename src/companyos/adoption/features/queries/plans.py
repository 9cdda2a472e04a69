"""Adoption plans as they were approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.features.models import PlanApproved


@dataclass(frozen=True, slots=True)
class PlanVersionRow:
    subject: str
    version: int
    at: datetime
    by: str
    sha256: str
    text: str


def approved_plans(subject: str) -> tuple[PlanVersionRow, ...]:
    """Return the approved versions, newest first; an empty subject is the programme's own plan."""
    rows = PlanApproved.objects.filter(subject=subject).order_by("-version")
    return tuple(PlanVersionRow(p.subject, p.version, p.at, p.by, p.sha256, p.text) for p in rows)


def newest_plan(subject: str) -> PlanVersionRow | None:
    return next(iter(approved_plans(subject)), None)
