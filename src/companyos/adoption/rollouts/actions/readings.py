"""What was seen: gates as judged, and how a ruleset spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from companyos.adoption.rollouts.domain.risks import pages
from companyos.adoption.rollouts.domain.types import Gate
from companyos.adoption.rollouts.models import GateReading, Propagated
from companyos.adoption.rollouts.queries.state import State, latest_gates
from companyos.platform import outbox


def record_readings(*, state: State, gates: Sequence[Gate], now: datetime) -> None:
    """Keep what the gates said, for the board and its charts; a row of the matrix that pages does so once."""
    plan, stage, attempt = state.plan.slug, state.stage, state.attempt
    before = latest_gates(plan, stage, attempt)
    with transaction.atomic():
        for gate in pages(gates, before):
            told = {"rollout": plan, "to": state.plan.lead, "risk": gate.name, "because": gate.because}
            outbox.publish("rollout.paged", told, at=now)
        GateReading.objects.bulk_create(
            GateReading(rollout_id=plan, stage=stage, attempt=attempt, gate=g.name, at=now, body=asdict(g))
            for g in gates
        )
        outbox.publish("rollout.judged", {"rollout": plan}, at=now)


def note_propagation(*, version: int, confirmed: int, seconds: float | None) -> None:
    """Note how many providers serve `version` by now, and when the last one did (wall seconds)."""
    Propagated.objects.filter(pk=version, confirmed__lt=confirmed).update(
        confirmed=confirmed, seconds=seconds
    )
