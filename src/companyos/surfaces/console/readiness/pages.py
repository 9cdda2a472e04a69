"""What the pages of readiness show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from companyos.adoption.features.domain.surfaces import Finding, Seen
from companyos.adoption.features.domain.types import FeatureRow, Intake, Judged
from companyos.adoption.features.queries import (
    ChangeRow,
    DefinitionRow,
    DocumentRow,
    ExemptionRow,
    MeetingRow,
    MoveRow,
    WordRow,
)
from companyos.surfaces.console.pages import RolloutLine
from companyos.work.approvals.queries import LinkedRequest


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the intake form. `kind` is text, area, choice, picks or tick."""

    name: str
    title: str
    hint: str
    kind: str
    value: str = ""
    choices: tuple[Choice, ...] = ()
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class IntakePage:
    parts: tuple[tuple[str, tuple[Field, ...]], ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class YamlPage:
    """A feature's file as pasted: its mistakes with their lines, or what taking it in will create."""

    text: str
    problems: tuple[tuple[int, str, str], ...] = ()  # the line, what stands there, what is wrong
    creates: tuple[tuple[str, str], ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row as shown: what it says, who answers for it, what would flip it, and what the viewer may do."""

    judged: Judged
    title: str
    owner: str
    requirements: str
    definition: str
    evidence: str
    link: str
    trend: str
    is_below: bool
    has_rows_below: bool
    may_vouch: bool
    independent: bool


@dataclass(frozen=True, slots=True)
class GroupBlock:
    slug: str
    title: str
    rows: tuple[RowLine, ...]

    @property
    def met(self) -> int:
        return sum(row.judged.is_met for row in self.rows)


@dataclass(frozen=True, slots=True)
class CardTab:
    slug: str
    title: str
    met: int
    total: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Step:
    """The one thing to do next, said in a sentence."""

    says: str
    action: str = ""  # a state the viewer can move to
    label: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A request about a feature, with the names of who asks and who is still asked."""

    request: LinkedRequest
    requester: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeaturePage:
    now: datetime
    row: FeatureRow
    lead_team: str
    owner: str
    tier: str
    intake: Intake | None
    judged_at: datetime | None
    tabs: tuple[CardTab, ...]
    groups: tuple[GroupBlock, ...]
    step: Step
    moves: tuple[MoveRow, ...]
    changes: tuple[ChangeRow, ...]
    exemptions: tuple[ExemptionRow, ...]
    certificates: tuple[tuple[str, datetime, str], ...]
    rollouts: tuple[RolloutLine, ...]
    may_move: bool
    has_flag: bool
    documents: tuple[DocumentRow, ...] = ()
    problem: str = ""
    asked: tuple[AskedLine, ...] = ()


@dataclass(frozen=True, slots=True)
class RowPage:
    now: datetime
    feature: FeatureRow
    line: RowLine
    definition: DefinitionRow | None
    document: str
    sha256: str
    words: tuple[WordRow, ...]
    changes: tuple[ChangeRow, ...]
    rule_says: str


@dataclass(frozen=True, slots=True)
class Seat:
    role: str
    person: str
    name: str
    signed: str  # go, no-go, or empty
    words: str
    at: datetime | None
    may_sign: bool


@dataclass(frozen=True, slots=True)
class MeetingPage:
    now: datetime
    feature: FeatureRow
    meeting: MeetingRow
    opened_by: str
    seats: tuple[Seat, ...]
    open_rows: tuple[str, ...]
    blocked: str  # why no certificate can be written yet; empty: it can


@dataclass(frozen=True, slots=True)
class CertificatePage:
    id: str
    body: dict[str, Any]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnedSurfaces:
    """A feature with its surfaces; no title: it is one of CompanyOS's own."""

    slug: str
    title: str
    surfaces: tuple[Seen, ...]

    @property
    def by_kind(self) -> str:
        """How many of each kind."""
        counts = Counter(each.kind for each in self.surfaces)
        return ", ".join(f"{n} {kind}{'s' * (n != 1)}" for kind, n in sorted(counts.items()))


@dataclass(frozen=True, slots=True)
class SurfacesPage:
    now: datetime
    seen: int
    findings: tuple[Finding, ...]
    owned: tuple[OwnedSurfaces, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """A core process, and where its newest cases ran. `n` is None where nobody could count."""

    title: str
    tenant: str
    tool: str
    why: str
    feature: str
    here: int = 0
    n: int | None = 0
    last: datetime | None = None

    @property
    def is_covered(self) -> bool:
        """Its newest cases all ran here: there is one, and none took the old path."""
        return not self.tool and bool(self.n) and self.here == self.n


@dataclass(frozen=True, slots=True)
class TenantCoverage:
    tenant: str
    here: int
    total: int


@dataclass(frozen=True, slots=True)
class OverdueLine:
    feature: str
    title: str
    row: str
    owner: str
    due_at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    now: datetime
    tenants: tuple[tuple[str, str], ...]
    matrix: tuple[Any, ...]
    findings: tuple[Finding, ...]
    surfaces: int
    exemptions: tuple[ExemptionRow, ...]
    processes: tuple[Any, ...]
    coverage: tuple[TenantCoverage, ...]
    overdue: tuple[OverdueLine, ...]
    regressions: tuple[ChangeRow, ...]
    titles: dict[str, str] = field(default_factory=dict)
