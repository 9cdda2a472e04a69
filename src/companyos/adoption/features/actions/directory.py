"""Areas and features as the program's files name them, and the version each is at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.adoption.features.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.features.models import Area, Feature, FeatureVersion, IntakeRecord, ReadinessNow
from companyos.adoption.features.queries.people import stewards
from companyos.platform import outbox

_LONGEST_VERSION = 40


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
    """Create or correct a feature; says whether anything changed. Its state and version are not touched.

    The size of one that was taken in stays as it is: two people lower it, never a file (P6).
    """
    size = IntakeRecord.objects.filter(pk=slug).values_list("size", flat=True).first() or size
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


def new_version(*, actor: str, feature: str, version: str, because: str, now: datetime) -> None:
    """Say that a feature moved on to a version: words and figures of the one before no longer pass."""
    row = existing(feature)
    if actor not in stewards(row.owner_id, row.lead_team):
        raise NotYours(
            "The squad that owns the feature, or the team that leads its adoption, says its version."
        )
    version = version.strip()
    if not version or len(version) > _LONGEST_VERSION:
        raise Refused(f"Say which version, in at most {_LONGEST_VERSION} letters.")
    if version == row.version:
        raise Refused(f"The feature is at {version} already.")
    with transaction.atomic():
        Feature.objects.filter(pk=feature).update(version=version)
        FeatureVersion.objects.create(feature=row, version=version, at=now, by=actor, because=because.strip())
        changed(feature)
        outbox.publish("feature.version", {"feature": feature, "version": version}, at=now)


def changed(feature: str) -> None:
    """Something that the scorecards rest on has changed: they are judged anew when next looked at."""
    ReadinessNow.objects.filter(pk=feature).update(is_out_of_date=True)


def existing(feature: str) -> Feature:
    """Return the row of a feature. Raises NoSuch."""
    found = Feature.objects.filter(pk=feature).first()
    if found is None:
        raise NoSuch(f"There is no feature {feature!r}.")
    return found


def _keep(table: type[Area | Feature], slug: str, values: dict[str, Any]) -> bool:
    known = table._default_manager.filter(pk=slug).values(*values).first()
    if known == values:
        return False
    table._default_manager.update_or_create(slug=slug, defaults=values)
    return True
