"""Keeping a running guardrail, so that a restart goes on exactly where it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.adoption.telemetry.models import GuardrailState


@dataclass(frozen=True, slots=True)
class Kept:
    """A rollout's guardrail; `offset` is how far of the log it has taken."""

    rollout: str
    fingerprint: str
    offset: int
    document: dict[str, Any]


def keep_guardrails(*, kept: Sequence[Kept], now: datetime) -> None:
    """Replace what is kept of these rollouts' guardrails, in one transaction."""
    GuardrailState.objects.bulk_create(
        [
            GuardrailState(
                rollout=each.rollout,
                fingerprint=each.fingerprint,
                offset=each.offset,
                at=now,
                document=each.document,
            )
            for each in kept
        ],
        update_conflicts=True,
        unique_fields=["rollout"],
        update_fields=["fingerprint", "offset", "at", "document"],
    )


def drop_guardrail(*, rollout: str) -> None:
    """Forget what is kept of a rollout's guardrail: it names people, and one of them was erased."""
    GuardrailState.objects.filter(pk=rollout).delete()
