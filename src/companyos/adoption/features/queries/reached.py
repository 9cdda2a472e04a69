"""Which features reached internal or external GA (R108)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.features.models import FeatureTransition

_GA = (FeatureState.INTERNAL_GA, FeatureState.EXTERNAL_GA)


@dataclass(frozen=True, slots=True)
class ReachedRow:
    feature: str
    state: FeatureState
    because: str
    at: datetime


def reached_ga(since: datetime, until: datetime) -> tuple[ReachedRow, ...]:
    """Return what reached GA after `since`, up to `until`, the oldest first; the end of a hold reaches nothing."""
    rows = FeatureTransition.objects.filter(after__in=_GA, at__gt=since, at__lte=until)
    rows = rows.exclude(before=FeatureState.HELD).order_by("at", "id")
    return tuple(ReachedRow(r.feature_id, FeatureState(r.after), r.because, r.at) for r in rows)
