"""The states of a feature (requirements, section O), its rows, and what everybody calls things here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


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


class Verdict(StrEnum):
    """What a row of a scorecard says. Only `passed` passes."""

    PASSED = "passed"
    FAILED = "failed"
    PENDING = "pending"  # too little evidence, time left
    INCONCLUSIVE = "inconclusive"  # too little evidence, time over; or what was measured is no number
    STALE = "stale"  # the word or the figure is of another version, or past its date
    NO_DATA = "no_data"


class Way(StrEnum):
    """How a row came by its verdict."""

    MEASURED = "measured"
    ATTESTED = "attested"
    ROWS_BELOW = "rows_below"
    NOTHING = "nothing"


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
    stage: str = ""  # of the rollout, while it is rolling out
    version: str = "1"


@dataclass(frozen=True, slots=True)
class Attested:
    """A named person's word for a row, bound to the version it was given for."""

    row: str
    by: str
    name: str
    at: datetime
    link: str
    note: str
    version: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A row as judged: verdict, one sentence with the numbers, how, by which rule, and what would flip it."""

    row: str
    verdict: Verdict
    because: str
    rule: str
    way: Way
    flips: str
    due_at: datetime | None = None
    expires_at: datetime | None = None
    exempt: str = ""  # by whom, until when and why it is passed over; empty: it is not
    measured_later: str = ""  # the evidence that will take over from a person's word

    @property
    def is_met(self) -> bool:
        return self.verdict is Verdict.PASSED or bool(self.exempt)


@dataclass(frozen=True, slots=True)
class Intake:
    """What a feature entered with. Size, risk and tier are frozen here (P6, P7)."""

    at: datetime
    by: str
    size: str
    risk: str
    spec: tuple[dict[str, Any], ...] = ()  # items: says, must, evidence
    spec_link: str = ""
    data_domains: tuple[str, ...] = ()
    success_metrics: tuple[str, ...] = ()
    rollback_plan: str = ""
    data_model: str = ""
    templates: dict[str, int] = field(default_factory=dict)  # scorecard -> version it is judged by
