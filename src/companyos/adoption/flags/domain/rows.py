"""Frozen rows that queries give out: a flag in a list, its page, its versions, what is to come, who met it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.flags.domain.diff import Change
from companyos.adoption.flags.domain.growth import Proof
from companyos.adoption.flags.domain.reach import TeamCount, TenantCount
from companyos.adoption.flags.domain.stale import Mark
from companyos.adoption.flags.domain.types import FlagState, SegmentSpec


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag in a list."""

    state: FlagState
    word: str  # off, staged, org_wide, killed, prerelease, retired, archived
    on: int
    tenants: tuple[TenantCount, ...]
    created_at: datetime
    changed_at: datetime
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a flag with what it changed."""

    version: int
    at: datetime
    author: str
    because: str
    change: str
    changes: tuple[Change, ...]
    on: int
    new: int
    lose: int
    ruleset: int
    exemption: str
    state: FlagState


@dataclass(frozen=True, slots=True)
class ScheduledRow:
    """A change to come, or how it went."""

    id: str
    at: datetime
    asked_at: datetime
    author: str
    because: str
    changes: tuple[Change, ...]
    outcome: str  # waiting, applied, cancelled, refused
    settled_at: datetime | None
    settled_by: str
    told: str


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """How many people of a tenant met a variant, in how many evaluations."""

    variant: str
    tenant: str
    people: int
    evaluations: int


@dataclass(frozen=True, slots=True)
class Exposures:
    """Who met which variant (R95); `problem` says why there is nothing."""

    rows: tuple[ExposureRow, ...]
    by_variant: tuple[tuple[str, int], ...]
    people: int
    evaluations: int
    window: str
    source: str
    problem: str


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment with who is in it and which flags use it."""

    spec: SegmentSpec
    version: int
    people: int
    tenants: tuple[TenantCount, ...]
    used_by: tuple[str, ...]
    unknown_attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlagDetail:
    """Everything about one flag."""

    row: FlagRow
    teams: tuple[TeamCount, ...]
    variants: tuple[tuple[str, int], ...]
    versions: tuple[VersionRow, ...]
    scheduled: tuple[ScheduledRow, ...]
    to_come: Proof | None  # whether what is scheduled only adds people
    needed_by: tuple[str, ...]
    unknown_attributes: tuple[str, ...]
    hashing: str
    ruleset: int
