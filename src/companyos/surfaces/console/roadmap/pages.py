"""The pages of the roadmap as frozen values. Context name of each: `page`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.work.roadmap.domain.types import Place, PlacedRow, RfcRow, RfcState, SuggestionRow
from companyos.work.roadmap.queries.councils import CouncilRow
from companyos.work.roadmap.queries.rfcs import MoveRow, Thread
from companyos.work.roadmap.queries.suggestions import AnswerRow, VoteRow


@dataclass(frozen=True, slots=True)
class Column:
    place: Place
    title: str
    rows: tuple[SuggestionRow, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A choice of a list: a tenant, a feature, a person."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class RoadmapPage:
    now: datetime
    columns: tuple[Column, ...]
    over: tuple[Column, ...]  # shipped and declined
    answers: tuple[AnswerRow, ...]
    left: int  # votes the viewer has left
    votes: int
    weights: tuple[tuple[str, float], ...]
    tenants: tuple[Named, ...]
    features: tuple[Named, ...]
    problem: str = ""
    title: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One line of a voter's record, in the order things happened."""

    at: datetime
    says: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class SuggestionPage:
    now: datetime
    row: SuggestionRow
    author: str
    feature: str
    history: tuple[PlacedRow, ...]
    vote: VoteRow | None
    record: tuple[RecordLine, ...]
    may_place: bool
    places: tuple[Place, ...]
    problem: str = ""
    carrier: SuggestionRow | None = None
    carried: tuple[SuggestionRow, ...] = ()
    others: tuple[SuggestionRow, ...] = ()  # that could carry it


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the agenda with what was decided of it."""

    kind: str
    key: str
    title: str
    why: str
    decided: PlacedRow | None


@dataclass(frozen=True, slots=True)
class Sitting:
    row: CouncilRow
    points: tuple[Point, ...]
    teams: tuple[tuple[str, str, str], ...]  # slug, title, skipped because


@dataclass(frozen=True, slots=True)
class CouncilPage:
    now: datetime
    month: str
    sittings: tuple[Sitting, ...]
    next_teams: tuple[str, ...]
    may_hold: bool
    is_convened: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RfcsPage:
    now: datetime
    rows: tuple[RfcRow, ...]
    words: str
    template: str
    features: tuple[Named, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LineOfText:
    number: int
    text: str
    threads: tuple[Thread, ...]


@dataclass(frozen=True, slots=True)
class RfcPage:
    now: datetime
    row: RfcRow
    author: str
    lines: tuple[LineOfText, ...]
    whole: tuple[Thread, ...]
    reviewers: tuple[tuple[str, datetime | None], ...]
    history: tuple[MoveRow, ...]
    moves: tuple[RfcState, ...]
    may_comment: bool
    may_approve: bool
    may_lead: bool
    people: tuple[Named, ...]
    problem: str = ""
