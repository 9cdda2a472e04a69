"""The flags pages as frozen values: a view builds one, its template shows it, nothing else is passed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from companyos.adoption.flags.domain.arms import SplitCheck
from companyos.adoption.flags.domain.diff import Change
from companyos.adoption.flags.domain.growth import Proof
from companyos.adoption.flags.domain.propagation import Propagation
from companyos.adoption.flags.domain.reach import TeamCount
from companyos.adoption.flags.domain.rows import ScheduledRow, VersionRow
from companyos.adoption.flags.domain.stale import Mark


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose, and whether it is chosen."""

    value: str
    title: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A share of a tenant's people, drawn to scale: who keep it, who are new, who lose it; in percent of the bar."""

    title: str
    on: int
    people: int
    keep: float
    new: float = 0.0
    lose: float = 0.0

    @property
    def new_from(self) -> float:
        return self.keep

    @property
    def lose_from(self) -> float:
        return self.keep + self.new


@dataclass(frozen=True, slots=True)
class Line:
    """A flag in the list."""

    key: str
    title: str
    kind: str
    word: str
    owner: str
    on: int
    bars: tuple[Bar, ...]
    created_at: datetime
    changed_at: datetime
    marks: tuple[Mark, ...]
    driven_by: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for, and what may be chosen."""

    q: str
    kinds: tuple[Choice, ...]
    states: tuple[Choice, ...]
    owners: tuple[Choice, ...]
    stale: bool

    @property
    def is_set(self) -> bool:
        chosen = any(c.chosen and c.value for c in (*self.kinds, *self.states, *self.owners))
        return bool(self.q or self.stale or chosen)


@dataclass(frozen=True, slots=True)
class ListPage:
    now: datetime
    lines: tuple[Line, ...]
    total: int
    stale: int
    filters: Filters
    older: str = ""  # the address of the next part, when there is one
    newer: str = ""


@dataclass(frozen=True, slots=True)
class Met:
    """Who met what in a tenant: people and times a variant, in the order of the columns."""

    tenant: str
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ExposureTable:
    variants: tuple[str, ...]
    rows: tuple[Met, ...]
    everywhere: tuple[int, ...]
    people: int
    evaluations: int
    window: str
    source: str
    problem: str


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version with what it changed; `why_no_revert` is empty where the flag may go back to it."""

    row: VersionRow
    author: str
    why_no_revert: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ToCome:
    row: ScheduledRow
    author: str


@dataclass(frozen=True, slots=True)
class FlagPage:
    """One flag. Context name: `page`."""

    now: datetime
    line: Line
    version: int
    description: str
    feature: str
    owner: str
    lifecycle: str
    expires: str
    killed_by: str
    killed_because: str
    killed_at: datetime | None
    rule: tuple[str, ...]
    segments: tuple[Choice, ...]
    requires: tuple[str, ...]
    needed_by: tuple[str, ...]
    teams: tuple[TeamCount, ...]
    variants: tuple[tuple[str, int], ...]
    scheduled: tuple[ToCome, ...]
    to_come: Proof | None
    versions: tuple[VersionLine, ...]
    exposures: ExposureTable
    split: SplitCheck | None
    propagation: Propagation
    unknown_attributes: tuple[str, ...]
    hashing: str
    may_edit: bool
    why_no_edit: str
    back: int = 0  # people on the old path for a day, by their own word

    @property
    def partly_elsewhere(self) -> bool:
        """Whether it is on for everybody, though in one of somebody's tenants only."""
        return self.line.word == "org_wide" and any(0 < bar.on < bar.people for bar in self.line.bars)

    @property
    def why_no_revert(self) -> str:
        """The reason why earlier versions cannot come back now, once."""
        return next((v.why_no_revert for v in self.versions if v.why_no_revert and not v.is_current), "")


@dataclass(frozen=True, slots=True)
class SliceForm:
    """One group of the change form; `number` tells its fields apart."""

    prefix: str
    title: str
    tenants: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    segments: tuple[Choice, ...]
    people: str
    percent: str
    has_percent: bool = True

    @property
    def named(self) -> str:
        chosen = [c.title for c in (*self.teams, *self.departments, *self.segments) if c.chosen]
        return ", ".join(chosen)


@dataclass(frozen=True, slots=True)
class FormPage:
    """The change form, for a flag that is there or a new one. Context name: `page`."""

    now: datetime
    key: str  # empty for a new one
    wanted_key: str
    version: int
    title: str
    description: str
    feature: str
    kind: str
    kinds: tuple[Choice, ...]
    owners: tuple[Choice, ...]
    lifecycles: tuple[Choice, ...]
    expires: str
    arms: str
    requires: tuple[Choice, ...]
    slices: tuple[SliceForm, ...]
    exceptions: tuple[SliceForm, ...]
    reason: str = ""
    exemption: str = ""
    at: str = ""
    problem: str = ""
    is_driven_by: str = ""


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """What a change would do. Context name: `page`."""

    sentence: str = ""
    refusal: str = ""
    rule: str = ""
    bars: tuple[Bar, ...] = ()
    teams: tuple[TeamCount, ...] = ()
    new: str = ""
    lose: str = ""
    switch: str = ""
    variants: tuple[tuple[str, int], ...] = ()
    proof: Proof | None = None
    what: tuple[Change, ...] = ()
    unknown_attributes: tuple[str, ...] = ()
    problem: str = ""
    path: str = ""
    hint: str = ""  # what is still to be filled in before anything can be said


@dataclass(frozen=True, slots=True)
class SegmentLine:
    slug: str
    title: str
    owner: str
    description: str
    people: int
    used_by: tuple[str, ...]
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """One segment. Context name: `page`."""

    now: datetime
    line: SegmentLine
    version: int
    says: tuple[str, ...]
    rule: str
    versions: tuple[VersionLine, ...]
    unknown_attributes: tuple[str, ...]
    problem: str = ""
    document: str = ""
    reason: str = ""
    is_new: bool = False
    help: tuple[str, ...] = field(default=())
