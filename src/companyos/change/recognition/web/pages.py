"""What the pages of recognition show. Context name of each: `page`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from companyos.change.recognition.domain.champion import Bar
from companyos.change.recognition.domain.spotlight import Nomination
from companyos.change.recognition.domain.types import (
    BadgeRow,
    ClaimRow,
    CreditRow,
    LedgerRow,
    SpotlightRow,
    StandingRow,
    VoteNow,
)


@dataclass(frozen=True, slots=True)
class Champion:
    """A team on its way to the badge of a feature; `badge` is that badge's id, once it is earned.

    `stands` is its verdict, or that the badge was taken back.
    """

    row: StandingRow
    team: str
    active_weeks: int
    weeks_over: int
    badge: str
    stands: str


@dataclass(frozen=True, slots=True)
class FeatureOfChampions:
    slug: str
    title: str
    rows: tuple[Champion, ...]
    not_met: int
    not_eligible: int


@dataclass(frozen=True, slots=True)
class BadgeShown:
    row: BadgeRow
    team: str
    feature: str
    revoked_by: str = ""


@dataclass(frozen=True, slots=True)
class CreditShown:
    row: CreditRow
    team: str
    feature: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Past:
    """A spotlight that is decided, with the title of what won as it reads now."""

    row: SpotlightRow
    title: str


@dataclass(frozen=True, slots=True)
class RecognitionPage:
    now: datetime
    bar: Bar
    features: tuple[FeatureOfChampions, ...]
    badges: tuple[BadgeShown, ...]
    vote: VoteNow
    own: frozenset[str]  # suggestions that the viewer may not vote for
    past: tuple[Past, ...]
    credits: tuple[CreditShown, ...]
    ledger: QuarterShown | None
    judged_at: datetime | None
    may_judge: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BadgePage:
    now: datetime
    badge: BadgeShown
    evidence: str
    holds: bool  # the evidence is the one that was hashed
    may_revoke: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SpotlightPage:
    now: datetime
    row: SpotlightRow
    winner: Nomination | None
    by: str  # who suggested it
    body: str
    votes: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class ClaimShown:
    row: ClaimRow
    team: str
    by: str
    piloted: str
    amount: str
    spent: str
    may_decide: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    kind: str
    amount: str
    about: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class QuarterShown:
    row: LedgerRow
    budget: str
    free: str
    promised: str
    spent: str
    owners: tuple[str, ...]
    claims: tuple[ClaimShown, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """`may_claim_for` are the viewer's teams with a credit; `may_set` names the quarters they may set a budget of."""

    now: datetime
    quarter: str
    quarters: tuple[QuarterShown, ...]
    may_claim_for: tuple[tuple[str, str], ...]
    may_set: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    filled: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def did(self) -> str:
        """What was tried; what was filled in comes back with the problem."""
        return self.filled.get("do", "")
