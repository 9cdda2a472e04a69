"""What is passed over, for how long, and who gave it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.features.models import FeatureExemption
from companyos.people.identity import queries as identity


@dataclass(frozen=True, slots=True)
class ExemptionRow:
    id: str
    feature: str
    what: str
    because: str
    asked_by: str
    asked_at: datetime
    until: datetime
    granted_by: str
    granted_at: datetime | None

    def holds(self, now: datetime) -> bool:
        return bool(self.granted_by) and now < self.until

    def waits(self, now: datetime) -> bool:
        return not self.granted_by and now < self.until


def exemptions(feature: str = "") -> tuple[ExemptionRow, ...]:
    """Return every exemption there ever was, newest first; of one feature, where named."""
    rows = FeatureExemption.objects.order_by("-asked_at", "-id")
    return tuple(_row(each) for each in (rows.filter(feature=feature) if feature else rows))


def in_force(feature: str, now: datetime) -> dict[str, str]:
    """Return what is passed over now, each with by whom, until when and why."""
    rows = FeatureExemption.objects.filter(feature=feature, until__gt=now).exclude(granted_by="")
    return {each.what: in_words(_row(each)) for each in rows}


def all_in_force(now: datetime) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for each in FeatureExemption.objects.filter(until__gt=now).exclude(granted_by=""):
        found.setdefault(each.feature_id, {})[each.what] = in_words(_row(each))
    return found


def in_words(each: ExemptionRow) -> str:
    asked, granted = (identity.name_of(person) for person in (each.asked_by, each.granted_by))
    return f"passed over by {asked} and {granted} until {each.until:%d %b %Y}: {each.because}"


def _row(each: FeatureExemption) -> ExemptionRow:
    return ExemptionRow(
        str(each.pk), each.feature_id, each.what, each.because, each.asked_by, each.asked_at, each.until,
        each.granted_by, each.granted_at,
    )  # fmt: skip
