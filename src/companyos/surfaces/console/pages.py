"""The console's pages as frozen values: a view builds one, its template shows it, nothing else is passed.

Every page carries `now`, so that relative times follow the clock the page was built with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.rollouts.domain.board import DecisionRow, EvidenceLink, Reading
from companyos.adoption.rollouts.domain.replay import Replay
from companyos.adoption.rollouts.domain.types import Gate, Move, Status, Verdict
from companyos.change.comms.domain.banners import BannerRow
from companyos.change.comms.domain.types import NewsRow
from companyos.change.sessions.domain.types import SessionRow


@dataclass(frozen=True, slots=True)
class Nav:
    """The counts beside the main links. Context name: `nav`; the person's name is the context's `viewer`."""

    tenants: int
    features: int
    flags: int
    rollouts: int
    alerts: int = 0
    requests: int = 0
    cases: int = 0
    news: int = 0


@dataclass(frozen=True, slots=True)
class NeedsYou:
    """One thing that waits for the person: `link` is where, `action` the words on the button."""

    title: str
    because: str
    link: str
    action: str


@dataclass(frozen=True, slots=True)
class TenantHead:
    """A column of the matrix."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one feature stands in one tenant; `state` picks icon and colour, `word` is what is read."""

    state: str
    word: str
    people: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One feature across all tenants, its cells in the order of the columns."""

    slug: str
    title: str
    state: str
    lead_team: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RolloutLine:
    """A rollout in a list; `people` is how many have the feature through it now."""

    plan: str
    title: str
    feature: str
    status: Status
    stage: str
    headline: str
    people: int
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Home:
    """What waits for me, where every feature stands, what moved. Context name: `page`."""

    now: datetime
    needs_you: tuple[NeedsYou, ...]
    tenants: tuple[TenantHead, ...]
    matrix: tuple[MatrixRow, ...]
    rollouts: tuple[RolloutLine, ...]
    decisions: tuple[DecisionRow, ...]
    week: tuple[SessionRow, ...] = ()  # what I am invited to, for a week
    news: tuple[NewsRow, ...] = ()  # of mine, unread


@dataclass(frozen=True, slots=True)
class RolloutsPage:
    """Every rollout the person may see. Context name: `page`."""

    now: datetime
    rollouts: tuple[RolloutLine, ...]


@dataclass(frozen=True, slots=True)
class TenantLine:
    """A row of the tenant map."""

    slug: str
    title: str
    tenant_class: str
    owners: tuple[str, ...]
    data_domains: tuple[str, ...]
    risk: str
    residency: str
    flag_strategy: str
    features_on: int
    people: int


@dataclass(frozen=True, slots=True)
class TenantMap:
    """All tenants side by side. Context name: `page`."""

    now: datetime
    tenants: tuple[TenantLine, ...]


@dataclass(frozen=True, slots=True)
class TenantFeature:
    """A feature as one tenant has it."""

    slug: str
    title: str
    state: str
    word: str
    people: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class TeamLine:
    title: str
    lead: str
    people: int


@dataclass(frozen=True, slots=True)
class TenantPage:
    """One tenant: what it is for, what is on in it, what was decided about it. Context name: `page`."""

    now: datetime
    tenant: TenantLine
    scope: str
    goals: tuple[str, ...]
    teams: tuple[TeamLine, ...]
    features: tuple[TenantFeature, ...]
    decisions: tuple[DecisionRow, ...]
    banners: tuple[BannerRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """One decision with everything it rested on. Context name: `page`.

    `rule_says` is the rule's own docstring; `gates` are as judged then; hashes are full sha256 in hex.
    """

    now: datetime
    id: str
    at: datetime
    plan: str
    rollout_title: str
    stage: str
    move: Move
    title: str
    because: str
    rule: str
    rule_says: str
    actor: str
    version: int
    policy_sha256: str
    gates: tuple[Gate, ...]
    evidence: tuple[EvidenceLink, ...]
    replay: Replay | None


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """One frozen fact: the number, how it was measured, which decisions rest on it. Context name: `page`.

    `document` is the canonical JSON the hash is taken over; `query` the text that measured it, if any.
    """

    now: datetime
    id: str
    name: str
    title: str
    verdict: Verdict | None
    value: float | None
    low: float | None
    high: float | None
    limit: float | None
    n: int | None
    unit: str
    window: str
    source: str
    measured_at: datetime
    sha256: str
    query: str
    document: str
    history: tuple[Reading, ...]
    used_by: tuple[DecisionRow, ...]
