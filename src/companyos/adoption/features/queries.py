"""Features: frozen rows out."""

from __future__ import annotations

from companyos.adoption.features.domain.types import AreaRow, FeatureRow, FeatureState
from companyos.adoption.features.models import Area, Feature


def features() -> tuple[FeatureRow, ...]:
    return tuple(_row(each) for each in Feature.objects.order_by("slug"))


def feature(slug: str) -> FeatureRow | None:
    found = Feature.objects.filter(pk=slug).first()
    return _row(found) if found else None


def areas() -> tuple[AreaRow, ...]:
    return tuple(AreaRow(a.slug, a.title, a.lead) for a in Area.objects.order_by("slug"))


def _row(each: Feature) -> FeatureRow:
    return FeatureRow(
        each.slug,
        each.title,
        each.summary,
        each.area_id,
        each.lead_team,
        each.owner_id,
        each.flag,
        FeatureState(each.state),
        each.critical,
        each.size,
        each.risk,
    )
