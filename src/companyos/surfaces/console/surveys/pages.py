"""The pages of surveys as frozen values. Context name of each: `page`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from companyos.adoption.surveys.domain.scores import Standing
from companyos.adoption.surveys.domain.themes import Theme
from companyos.adoption.surveys.domain.types import Budget, SurveySpec
from companyos.adoption.surveys.queries.answers import ImportRow, OpenQuestion
from companyos.adoption.surveys.queries.letters import LettersSent


@dataclass(frozen=True, slots=True)
class Score:
    """A score in words with its interval; `state` picks icon and colour: no_data, undecided, shown or too few."""

    state: str
    word: str
    value: str = ""
    interval: str = ""


@dataclass(frozen=True, slots=True)
class SurveyLine:
    spec: SurveySpec
    kind: str
    standing: Standing
    score: Score


@dataclass(frozen=True, slots=True)
class SurveysPage:
    now: datetime
    lines: tuple[SurveyLine, ...]
    budget: Budget
    waiting: int  # questions that wait for the viewer


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A tenant's or a week's answers; without a standing when they are too few to show."""

    name: str
    standing: Standing | None
    score: Score


@dataclass(frozen=True, slots=True)
class SurveyPage:
    now: datetime
    line: SurveyLine
    feature: str
    days: int
    who: tuple[str, ...]  # who is asked, in sentences
    chart: SafeString
    weeks: tuple[GroupLine, ...]
    tenants: tuple[GroupLine, ...]
    themes: tuple[Theme, ...]
    verbatims: int
    words_hidden: bool
    imports: tuple[ImportRow, ...]
    letters: tuple[LettersSent, ...]


@dataclass(frozen=True, slots=True)
class ScoreChoice:
    value: int
    label: str


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One question for its person; `said` after it was answered or sent away, `problem` when an answer was refused."""

    question: OpenQuestion | None
    choices: tuple[ScoreChoice, ...] = ()
    more: int = 0
    comment: str = ""
    problem: str = ""
    said: str = ""
    signed_in: bool = True
    chosen: int | None = None  # by the link of a letter; nothing is answered yet
    wants_letters: bool = True


@dataclass(frozen=True, slots=True)
class LettersPage:
    """The page behind the link at the end of a letter."""

    wants_letters: bool = True
    said: str = ""
    problem: str = ""
