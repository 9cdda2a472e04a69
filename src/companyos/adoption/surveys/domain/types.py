"""Surveys as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a survey asks for, and so how its score is made."""

    CSAT = "csat"  # satisfaction: share of satisfied answers
    CES = "ces"  # effort: share of those who found it easy
    NPS = "nps"  # 0 to 10: promoters less detractors
    QUESTION = "question"  # one question with choices
    TEXT = "text"  # words only


class Trigger(StrEnum):
    """What makes a survey due for a person."""

    FIRST_EXPOSURE = "first_exposure"  # so many working days after the person first met the feature
    EVENT = "event"  # a named event of the person
    COMPLETION = "completion"  # the person did a task of the feature
    ANY_TIME = "any_time"
    IMPORT = "import"  # nobody is asked here: answers come from elsewhere


class Letters(StrEnum):
    """Where a question is written to when no widget has shown it."""

    MAIL = "mail"
    SLACK = "slack"


class Audience(StrEnum):
    EXPOSED = "exposed"  # people who have met the feature
    EVERYONE = "everyone"


# Where a file says nothing: the scale of each kind, and the score from which an answer is a good one.
USUAL_SCALES = {
    Kind.CSAT: (1, 5, 4),
    Kind.CES: (1, 7, 5),
    Kind.NPS: (0, 10, 9),
    Kind.QUESTION: (1, 1, 1),  # its choices are its scale
    Kind.TEXT: (1, 1, 1),
}


@dataclass(frozen=True, slots=True)
class SurveySpec:
    """A survey as its file says. A score from `satisfied_from` up counts as satisfied (or easy).

    `sample` is the share of people who are ever asked; `again_after_days` lets a person be asked anew (never: once);
    `forgotten_after_days` is how long after its trigger a question still makes sense (never forgotten: 0).
    `letters` are the channels on which an asked person is written to, in `language`. What is answered to an
    `anonymous` survey is kept apart from who answered.
    """

    slug: str
    feature: str
    question: str
    title: str = ""
    kind: Kind = Kind.CSAT
    scale: tuple[int, int] = (1, 5)
    satisfied_from: int = 4
    low_label: str = ""
    high_label: str = ""
    choices: tuple[str, ...] = ()
    follow_up: str = ""
    trigger: Trigger = Trigger.FIRST_EXPOSURE
    event: str = ""
    after_working_days: int = 0
    audience: Audience = Audience.EXPOSED
    sample: float = 1.0
    again_after_days: int = 0
    forgotten_after_days: int = 0
    min_n: int = 10
    priority: int = 100
    closed: bool = False
    letters: tuple[Letters, ...] = (Letters.MAIL, Letters.SLACK)
    language: str = "en"
    anonymous: bool = False

    @property
    def scores(self) -> range:
        """The scores that an answer may have; none where only words are asked for."""
        if self.kind is Kind.TEXT:
            return range(0)
        if self.kind is Kind.QUESTION:
            return range(1, len(self.choices) + 1)
        low, high = self.scale
        return range(low, high + 1)


@dataclass(frozen=True, slots=True)
class Budget:
    """How often one person may be asked, over all surveys: at most `most` times in any `days` days."""

    most: int = 1
    days: int = 7


@dataclass(frozen=True, slots=True)
class Given:
    """One asking and what came of it. `score` is None for silence, a dismissal, or words only."""

    tenant: str
    asked_at: datetime
    answered_at: datetime | None = None
    dismissed_at: datetime | None = None
    score: int | None = None
    words: str = ""
    person: str = ""  # empty for an imported answer: each row is somebody else


def week_of(moment: datetime) -> datetime:
    """Return the midnight at which the week of a moment begins, in the moment's zone."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())
