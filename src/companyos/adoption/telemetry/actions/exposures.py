"""Who met a feature switched on, and when first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from companyos.adoption.telemetry.models import FirstExposure
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants


def record_exposures(*, met: Iterable[tuple[str, str, str, datetime]]) -> None:
    """Note who met a feature switched on: (tenant, feature, person, at). The first time counts.

    Clients of others name tenants and actors that are not ours: their events are counted, but they are nobody here.
    """
    ours, people = tenants.titles(), {person.slug for person in identity.everybody()}
    rows = (
        FirstExposure(tenant_id=tenant, feature=feature, person=person, at=at)
        for tenant, feature, person, at in met
        if tenant in ours and person in people
    )
    FirstExposure.all_rows.bulk_create(rows, ignore_conflicts=True)
