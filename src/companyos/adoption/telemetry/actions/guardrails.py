"""Keeping a running guardrail, so that a restart goes on exactly where it stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from companyos.adoption.telemetry.models import GuardrailState


def keep_guardrail(
    *, rollout: str, fingerprint: str, offset: int, document: dict[str, Any], now: datetime
) -> None:
    """Replace what is kept of a rollout's guardrail; `offset` is how far of the log it has taken."""
    GuardrailState.objects.update_or_create(
        rollout=rollout,
        defaults={"fingerprint": fingerprint, "offset": offset, "at": now, "document": document},
    )


def drop_guardrail(*, rollout: str) -> None:
    """Forget what is kept of a rollout's guardrail: it names people, and one of them was erased."""
    GuardrailState.objects.filter(pk=rollout).delete()
