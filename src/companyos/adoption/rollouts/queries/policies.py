"""What holds a rollout beside its gates: exemptions from them, freezes, and how often a gate passed in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from companyos.adoption.features import queries as features
from companyos.adoption.features.queries import Stopped
from companyos.adoption.flags import queries as flags
from companyos.adoption.rollouts.models import Exemption, Freeze, GateReading
from companyos.kernel.evidence import Question, ask
from companyos.people.identity import queries as identity


@dataclass(frozen=True, slots=True)
class Holding:
    """Everything that may hold any rollout at one moment, read once for all of them."""

    frozen: str
    killed: Mapping[str, str]  # flag -> by whom and why
    sev1: Mapping[str, Sequence[str]]  # feature -> open Sev1 bugs
    exempt: Mapping[
        tuple[str, str, int], Mapping[str, str]
    ]  # (plan, stage, attempt) -> gate -> by whom and why
    features: Mapping[str, Stopped] = field(default_factory=dict)  # feature -> held or ended, by whom and why


def holding(now: datetime) -> Holding:
    exempt: dict[tuple[str, str, int], dict[str, str]] = {}
    for each in Exemption.objects.filter(until__gt=now).exclude(granted_by="").order_by("asked_at"):
        exempt.setdefault((each.rollout_id, each.stage, each.attempt), {})[each.gate] = _said(each)
    return Holding(frozen(now), flags.killed_flags(), _sev1_by_feature(now), exempt, features.stopped())


@dataclass(frozen=True, slots=True)
class ExemptionRow:
    """One exemption, asked for or granted."""

    id: str
    gate: str
    because: str
    asked_by: str
    until: datetime
    granted_by: str


def exemptions(plan: str, stage: str, attempt: int, now: datetime) -> dict[str, str]:
    """Return, by gate, the exemptions that hold now: by whom, until when and why."""
    held = _of(plan, stage, attempt).filter(until__gt=now).exclude(granted_by="")
    return {each.gate: _said(each) for each in held}


def exemptions_asked(plan: str, stage: str, attempt: int) -> tuple[ExemptionRow, ...]:
    return tuple(
        ExemptionRow(str(e.id), e.gate, e.because, e.asked_by, e.until, e.granted_by)
        for e in _of(plan, stage, attempt)
    )


def frozen(now: datetime) -> str:
    """Return who froze the company until when and why; empty when nobody did."""
    holds = Freeze.objects.filter(since__lte=now, until__gt=now, lifted_at=None).order_by("-until").first()
    if holds is None:
        return ""
    return f"until {holds.until:%a %d %b %H:%M} UTC by {identity.name_of(holds.by)}: {holds.because}"


def held_and_over(stopped: Stopped | None) -> tuple[str, str]:
    """Return how a feature is held and how it ended, each with by whom and why; empty where it is not."""
    if stopped is None:
        return "", ""
    words = f"{stopped.state} {stopped.says}"
    return (words, "") if stopped.is_held else ("", words)


def open_sev1(feature: str, now: datetime) -> str:
    """Return the feature's open Sev1 bugs in one line; empty when there is none, or nothing here keeps cases."""
    return ", ".join(_sev1_by_feature(now).get(feature, ()))


def _sev1_by_feature(now: datetime) -> Mapping[str, Sequence[str]]:
    nobody: frozenset[str] = frozenset()
    return ask("cases.open_sev1", Question("", now, now, nobody, nobody)).details


def passes_in_a_row(plan: str, stage: str, attempt: int, gate: str) -> int:
    """Return how many readings of a gate have passed in a row so far."""
    rows = GateReading.objects.filter(rollout_id=plan, stage=stage, attempt=attempt, gate=gate)
    newest = rows.order_by("-at").values_list("body", flat=True).first()
    return int(newest["streak"]) if newest else 0


def _of(plan: str, stage: str, attempt: int) -> QuerySet[Exemption]:
    return Exemption.objects.filter(rollout_id=plan, stage=stage, attempt=attempt).order_by("asked_at")


def _said(each: Exemption) -> str:
    both = f"{identity.name_of(each.asked_by)} and {identity.name_of(each.granted_by)}"
    return f"by {both}, until {each.until:%a %d %b}: {each.because}"
