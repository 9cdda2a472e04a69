"""Who met a feature switched on, and when first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from companyos.adoption.telemetry.models import FirstExposure


def record_exposures(*, met: Iterable[tuple[str, str, str, datetime]]) -> None:
    """Note who met a feature switched on: (tenant, feature, person, at). The first time counts."""
    FirstExposure.all_rows.bulk_create(
        (FirstExposure(tenant_id=t, feature=f, person=p, at=at) for t, f, p, at in met), ignore_conflicts=True
    )
