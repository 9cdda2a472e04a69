"""A named judgement: where a company cannot measure what a plan asks, somebody judges it and is shown as judging."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts.domain.gate_specs import GateSpec
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.kernel.evidence import Fact


def a_named_person_judges(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> tuple[Verdict, str]:
    """Passes when a named person has judged and said why. It says for ever that nothing was measured."""
    if not fact.value:
        return Verdict.PENDING, "nobody has judged yet; nothing is measured here"
    note = str(fact.details.get("note", "")).strip()
    if not note:
        return Verdict.PENDING, f"{fact.details['by_name']} has to say why"
    return Verdict.PASSED, f"judged, not measured, by {fact.details['by_name']}: {note}"
