"""Baselines are stored once each and never changed: a later one is another row."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.telemetry.domain.baseline import Baseline
from companyos.adoption.telemetry.models import StoredBaseline
from companyos.platform import outbox


def keep_baseline(*, actor: str, baseline: Baseline, now: datetime) -> None:
    """Store how the old path did."""
    StoredBaseline.objects.create(
        feature=baseline.feature, stage=baseline.stage, at=now, by=actor, document=baseline.document()
    )
    outbox.publish("telemetry.baseline_kept", {"feature": baseline.feature}, at=now)
