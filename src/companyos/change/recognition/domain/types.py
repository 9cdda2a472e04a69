"""Recognition as other rooms see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.change.recognition.domain.champion import Verdict
from companyos.change.recognition.domain.ledger import Balance, ClaimState, EntryRow
from companyos.change.recognition.domain.spotlight import Nomination


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How a team stood when it was last judged."""

    team: str
    feature: str
    at: datetime
    verdict: Verdict
    because: str
    rule: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadgeRow:
    id: str
    team: str
    feature: str
    at: datetime
    because: str
    evidence: Mapping[str, Any]
    sha256: str
    revoked_at: datetime | None
    revoked_by: str
    revoked_because: str


@dataclass(frozen=True, slots=True)
class CreditRow:
    """More weight for a team's suggestions in the council's agenda, until a moment."""

    team: str
    feature: str
    place: int
    came_at: datetime
    at: datetime
    until: datetime
    percent: int
    because: str


@dataclass(frozen=True, slots=True)
class SpotlightRow:
    """The spotlight of a quarter that is decided; without a suggestion nothing won."""

    quarter: str
    at: datetime
    suggestion: str
    because: str
    votes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class VoteNow:
    """The vote about a quarter, as one person sees it: tallies are shown when it is over."""

    quarter: str
    opens_at: datetime
    closes_at: datetime
    is_open: bool
    nominations: tuple[Nomination, ...]
    cast: int
    mine: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    id: str
    quarter: str
    team: str
    what: str
    amount: int
    at: datetime
    by: str
    credit: str  # the feature that the team piloted
    state: ClaimState
    spent: int


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A quarter's budget with all its lines; `owners` decide about claims."""

    quarter: str
    currency: str
    owners: tuple[str, ...]
    balance: Balance
    claims: tuple[ClaimRow, ...]
    entries: tuple[EntryRow, ...]
