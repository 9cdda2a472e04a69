"""Triage as other rooms see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Axis(StrEnum):
    """What is to be said of a report."""

    SQUAD = "squad"
    TYPE = "type"
    SEVERITY = "severity"


@dataclass(frozen=True, slots=True)
class Guess:
    """A label; the probability is a share of 1, or None where a rule or the reporter said it."""

    label: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A model's answer to one question: the likeliest labels first, the words that decided, the model's threshold."""

    guesses: tuple[Guess, ...]
    words: tuple[str, ...]
    threshold: float


@dataclass(frozen=True, slots=True)
class Ownership:
    """Which squad answers for an area: for its features, and for reports that use its words."""

    area: str
    title: str
    squad: str
    words: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody wrote, and what they said it was; empty where they said nothing."""

    title: str
    body: str = ""
    feature: str = ""
    type: str = ""
    severity: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.title, self.body, self.feature)


@dataclass(frozen=True, slots=True)
class Judged:
    """One question's answer: up to three labels, whether it may be relied on, and why, with the numbers."""

    axis: Axis
    guesses: tuple[Guess, ...]
    words: tuple[str, ...]
    sure: bool
    because: str
    rule: str

    @property
    def label(self) -> str:
        return self.guesses[0].label if self.guesses else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said a report is. `settled`: they belong to the squad that they say answers for it."""

    squad: str
    type: str
    severity: str
    accepted: bool
    settled: bool
    by: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A report with what triage says of it and what people answered, oldest first. `model` is None for rules."""

    id: int
    tenant: str
    case: str
    report: Report
    judged: tuple[Judged, ...]
    model: int | None
    at: datetime
    answers: tuple[Answer, ...]

    def of(self, axis: Axis) -> Judged:
        return next(each for each in self.judged if each.axis is axis)

    @property
    def queue(self) -> str:
        """The squad it waits for; empty while a person must say which."""
        if self.answers:
            return self.answers[-1].squad
        judged = self.of(Axis.SQUAD)
        return judged.label if judged.sure else ""

    @property
    def is_open(self) -> bool:
        return not (self.answers and self.answers[-1].settled)


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A version of the model. `quality` has for each question what was measured on the answers held back."""

    version: int
    by: str
    at: datetime
    because: str
    answers: int
    quality: dict[str, dict[str, float]]
    skipped: dict[str, str]
    kilobytes: int
    is_kept: bool  # older versions lose their content, never their row


@dataclass(frozen=True, slots=True)
class UseRow:
    """From `at` on this version answers; None: the ownership rules."""

    version: int | None
    by: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A training that was asked for; `ended_at` is None while it waits or runs."""

    id: int
    by: str
    because: str
    asked_at: datetime
    what: str
    done: int
    total: int
    ended_at: datetime | None
    outcome: str
    version: int | None


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A case that reads alike; likeness is the cosine of the weighed words, 0 to 1."""

    tenant: str
    case: str
    title: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Found:
    """Similar cases, most alike first, among `searched` of the `known` cases that could be searched."""

    cases: tuple[SimilarCase, ...]
    searched: int
    known: int
