"""The states of a feature (requirements, section O) and how it may move between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FeatureState(StrEnum):
    INTAKE = "intake"
    ENTRY_PASSED = "entry_passed"
    ROLLING_OUT = "rolling_out"
    INTERNAL_GA = "internal_ga"
    READY_FOR_EXTERNAL_GA = "ready_for_external_ga"
    EXTERNAL_GA = "external_ga"
    HELD = "held"
    KILLED = "killed"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class AreaRow:
    slug: str
    title: str
    lead: str


@dataclass(frozen=True, slots=True)
class FeatureRow:
    slug: str
    title: str
    summary: str
    area: str
    lead_team: str
    owner: str
    flag: str
    state: FeatureState
    critical: bool
    size: str
    risk: str
