"""What the triage pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.work.feedback.domain.standing import Share
from companyos.work.feedback.domain.types import Found, ModelRow, TrainingRow


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class GuessShown:
    """A label as people read it; `probability` is a share of 1, None where a rule or the reporter said it."""

    title: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a report, with the answer of triage."""

    name: str
    guesses: tuple[GuessShown, ...]
    words: tuple[str, ...]
    sure: bool
    because: str
    rule: str


@dataclass(frozen=True, slots=True)
class Line:
    case: str
    title: str
    tenant: str
    at: datetime
    queue: str  # the squad's title; empty while a person must say which
    squad: GuessShown | None
    type: str
    severity: str
    words: tuple[str, ...]
    may_accept: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class AnswerShown:
    by: str
    at: datetime
    says: str
    because: str


@dataclass(frozen=True, slots=True)
class Detail:
    """The chosen report."""

    case: str
    title: str
    body: str
    tenant: str
    feature: str
    at: datetime
    by_version: int | None
    questions: tuple[Question, ...]
    similar: Found
    answers: tuple[AnswerShown, ...]
    squads: tuple[Choice, ...]
    types: tuple[Choice, ...]
    severities: tuple[Choice, ...]
    may_accept: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    now: datetime
    show: str
    counts: tuple[tuple[str, str, int], ...]  # filter, its words, how many
    lines: tuple[Line, ...]
    detail: Detail | None
    most: int
    is_cut: bool
    version: int | None
    said: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    title: str
    share: Share
    of: str
    explains: str


@dataclass(frozen=True, slots=True)
class QualityLine:
    question: str
    n: int
    accuracy: float
    macro_f1: float
    threshold: float | None
    covered: float
    covered_right: float
    ece: float


@dataclass(frozen=True, slots=True)
class VersionLine:
    row: ModelRow
    by: str
    qualities: tuple[QualityLine, ...]
    skipped: tuple[tuple[str, str], ...]
    answers_now: bool


@dataclass(frozen=True, slots=True)
class UseLine:
    version: int | None
    by: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class ModelPage:
    now: datetime
    version: int | None
    days: int
    suggested: int
    figures: tuple[Figure, ...]
    by_version: tuple[tuple[str, int, tuple[Figure, ...]], ...]
    answers: int
    least: int
    is_installed: bool
    training: TrainingRow | None
    training_by: str
    lines: tuple[VersionLine, ...]
    uses: tuple[UseLine, ...]
    areas: tuple[tuple[str, str, str], ...]
    may_train: bool
    problem: str = ""
