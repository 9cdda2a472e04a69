"""What was seen: gates as judged, and how a ruleset spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.adoption.rollouts.domain.types import Gate
from companyos.adoption.rollouts.models import GateReading, Propagated
from companyos.platform import outbox


@dataclass(frozen=True, slots=True)
class Readings:
    """What the gates of one stage said."""

    plan: str
    stage: str
    attempt: int
    gates: Sequence[Gate]


def record_many(*, readings: Sequence[Readings], now: datetime) -> None:
    """Keep what the gates of several rollouts said, in one transaction with one message."""
    if not readings:
        return
    with transaction.atomic():
        GateReading.objects.bulk_create(
            GateReading(
                rollout_id=each.plan,
                stage=each.stage,
                attempt=each.attempt,
                gate=g.name,
                at=now,
                body=as_body(g),
            )
            for each in readings
            for g in each.gates
        )
        outbox.publish("rollout.judged", {"rollouts": [each.plan for each in readings]}, at=now)


def as_body(gate: Gate) -> dict[str, Any]:
    """A gate as it is stored."""
    return {each.name: getattr(gate, each.name) for each in fields(gate)}


def note_propagation(*, version: int, confirmed: int, seconds: float | None) -> None:
    """Note how many providers serve `version` by now, and when the last one did (wall seconds)."""
    Propagated.objects.filter(pk=version, confirmed__lt=confirmed).update(
        confirmed=confirmed, seconds=seconds
    )
