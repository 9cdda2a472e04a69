"""Suggestions, councils and RFCs as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Place(StrEnum):
    """Where a suggestion stands on the roadmap."""

    NEW = "new"  # nobody has placed it yet
    NOW = "now"
    NEXT = "next"
    LATER = "later"
    SHIPPED = "shipped"
    DECLINED = "declined"

    @property
    def is_over(self) -> bool:
        return self in {Place.SHIPPED, Place.DECLINED}


class Outcome(StrEnum):
    """What a council says of a suggestion, and so where it goes."""

    ACCEPT = "accept"
    DECLINE = "decline"
    PARK = "park"


PLACE_OF = {Outcome.ACCEPT: Place.NEXT, Outcome.DECLINE: Place.DECLINED, Outcome.PARK: Place.LATER}


class RfcState(StrEnum):
    DRAFT = "draft"
    DISCUSSION = "discussion"
    FINAL_COMMENT = "final_comment"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Rules:
    """How people vote: so many open votes each; a vote weighs as the tenant of its voter does (1 unless told)."""

    votes: int = 10
    weights: tuple[tuple[str, float], ...] = ()

    def weight_of(self, tenant: str) -> float:
        return dict(self.weights).get(tenant, 1.0)


@dataclass(frozen=True, slots=True)
class Credit:
    """What the suggestions of a team weigh more in the council's agenda, until a moment (R106)."""

    team: str
    percent: int
    until: datetime
    because: str


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """`votes` is the raw count; `weighted` counts each vote by its voter's tenant. Both are always shown.

    A `credit` of its author's team orders the council's agenda, and is shown beside them.
    """

    id: str
    tenant: str
    private: bool
    title: str
    body: str
    feature: str
    author: str
    at: datetime
    place: Place
    because: str
    placed_at: datetime | None
    fix: str
    votes: int
    weighted: float
    voted: bool = False  # by whoever asked
    merged_into: str = ""  # the suggestion that carries it
    carries: tuple[str, ...] = ()  # those whose votes count here too
    credit: Credit | None = None

    @property
    def with_credit(self) -> float:
        return round(self.weighted * (1 + self.credit.percent / 100), 2) if self.credit else self.weighted


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """One change of place, with the reason that every voter was told."""

    before: Place
    after: Place
    because: str
    by: str
    at: datetime
    told: int  # voters
    council: str  # the month of the council that decided, or empty


@dataclass(frozen=True, slots=True)
class RfcRow:
    number: int
    title: str
    body: str
    author: str
    feature: str
    state: RfcState
    at: datetime
    closes_at: datetime | None
    is_window: bool  # opened by a rollout at internal GA
    summary: str
    rationale: str
    blocking: int  # blocking comments that stand
    comments: int
