"""The only writers of features."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.features.models import Area, Feature, FeatureTransition
from companyos.platform import outbox


def keep_area(*, slug: str, title: str, lead: str) -> bool:
    return _keep(Area, slug, {"title": title, "lead": lead})


def keep_feature(
    *,
    slug: str,
    title: str,
    summary: str,
    area: str,
    lead_team: str,
    owner: str,
    flag: str,
    critical: bool,
    size: str,
    risk: str,
) -> bool:
    """Create or correct a feature; says whether anything changed. Its state is not touched."""
    values = {
        "title": title,
        "summary": summary,
        "area_id": area,
        "lead_team": lead_team,
        "owner_id": owner,
        "flag": flag,
        "critical": critical,
        "size": size,
        "risk": risk,
    }
    return _keep(Feature, slug, values)


def move_to(*, actor: str, feature: str, state: FeatureState, because: str, now: datetime) -> None:
    """Move a feature and write down who did it and why. The caller holds the transaction."""
    before = Feature.objects.values_list("state", flat=True).get(pk=feature)
    if before == state:
        return
    Feature.objects.filter(pk=feature).update(state=state)
    FeatureTransition.objects.create(
        feature_id=feature, at=now, actor=actor, before=before, after=state, because=because
    )
    outbox.publish("feature.moved", {"feature": feature, "state": state}, at=now)


def _keep(table: type[Area | Feature], slug: str, values: dict[str, Any]) -> bool:
    known = table._default_manager.filter(pk=slug).values(*values).first()
    if known == values:
        return False
    table._default_manager.update_or_create(slug=slug, defaults=values)
    return True
