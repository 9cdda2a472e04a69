"""What was seen: gates as judged, and how a ruleset spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.adoption.rollouts.domain.risks import pages
from companyos.adoption.rollouts.domain.types import Gate
from companyos.adoption.rollouts.models import GateReading, Propagated
from companyos.adoption.rollouts.queries.state import latest_gates
from companyos.platform import outbox


@dataclass(frozen=True, slots=True)
class Readings:
    """What the gates of one stage said."""

    plan: str
    stage: str
    attempt: int
    gates: Sequence[Gate]
    lead: str = ""  # whom a row of the matrix pages


def record_many(*, readings: Sequence[Readings], now: datetime) -> None:
    """Keep what the gates of several rollouts said, in one transaction with one message."""
    if not readings:
        return
    paged = [(each, gate) for each in readings for gate in _pages(each)]
    with transaction.atomic():
        for each, gate in paged:
            told = {"rollout": each.plan, "to": each.lead, "risk": gate.name, "because": gate.because}
            outbox.publish("rollout.paged", told, at=now)
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


def _pages(each: Readings) -> tuple[Gate, ...]:
    """A row of the matrix that pages does so once: what was said before is read only when one might."""
    if not pages(each.gates, ()):
        return ()
    return pages(each.gates, latest_gates(each.plan, each.stage, each.attempt))


def as_body(gate: Gate) -> dict[str, Any]:
    """A gate as it is stored."""
    return {each.name: getattr(gate, each.name) for each in fields(gate)}


def note_propagation(*, version: int, confirmed: int, seconds: float | None) -> None:
    """Note how many providers serve `version` by now, and when the last one did (wall seconds)."""
    Propagated.objects.filter(pk=version, confirmed__lt=confirmed).update(
        confirmed=confirmed, seconds=seconds
    )
