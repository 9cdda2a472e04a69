"""A guardrail as it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from companyos.adoption.telemetry.models import GuardrailState


@dataclass(frozen=True, slots=True)
class Kept:
    """The state of a guardrail that had read the log up to `offset`."""

    fingerprint: str
    offset: int
    document: dict[str, Any]


def kept_guardrail(rollout: str) -> Kept | None:
    row = GuardrailState.objects.filter(pk=rollout).first()
    return Kept(row.fingerprint, row.offset, row.document) if row else None
