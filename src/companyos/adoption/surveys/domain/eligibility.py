"""Whether a person is asked a survey now.

`may_ask` is the whole answer: it puts one frozen `Situation` to the rules in order, and the first rule with an opinion
wins. Clients decide nothing: they show what they are given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

from companyos.adoption.surveys.domain.types import Audience, Budget, SurveySpec, Trigger

OPEN_FOR = timedelta(days=14)  # a question that was not answered by then lapses
_DRAWS = 2**64


class Answer(StrEnum):
    ASK = "ask"
    WAIT = "wait"  # later perhaps
    NO = "no"


@dataclass(frozen=True, slots=True)
class Situation:
    """`asked` are the moments at which the person was asked anything, `asked_this` those of this survey.

    `met_at` is when the trigger happened, `due_at` when the survey is due by it; both None while it has not.
    """

    survey: SurveySpec
    budget: Budget
    person: str
    now: datetime
    is_exposed: bool
    met_at: datetime | None
    due_at: datetime | None
    asked: tuple[datetime, ...] = ()
    asked_this: tuple[datetime, ...] = ()
    has_open_question: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    answer: Answer
    because: str
    rule: str


Opinion = tuple[Answer, str] | None


def a_closed_survey_asks_nobody(s: Situation) -> Opinion:
    """A survey that is closed, or whose answers come from elsewhere, asks nobody."""
    closed = s.survey.closed or s.survey.trigger is Trigger.IMPORT
    return (Answer.NO, f"{s.survey.slug} asks nobody") if closed else None


def nobody_is_asked_twice(s: Situation) -> Opinion:
    """Whoever was asked is not asked the same again: not after an answer, a dismissal or silence.

    A survey that repeats waits out its own interval, counted from the last asking.
    """
    if not s.asked_this:
        return None
    last = max(s.asked_this)
    if not s.survey.again_after_days:
        return Answer.NO, f"asked on {last:%d %b %Y}, and a person is asked once"
    again = last + timedelta(days=s.survey.again_after_days)
    return (Answer.WAIT, f"asked on {last:%d %b %Y}, again from {again:%d %b %Y}") if s.now < again else None


def others_are_not_asked(s: Situation) -> Opinion:
    """A survey for those who have the feature asks nobody else."""
    outside = s.survey.audience is Audience.EXPOSED and not s.is_exposed
    return (Answer.WAIT, f"has not met {s.survey.feature} yet") if outside else None


def nothing_happened_yet(s: Situation) -> Opinion:
    """A survey waits for what triggers it."""
    return (Answer.WAIT, f"no {s.survey.trigger.replace('_', ' ')} yet") if s.due_at is None else None


def a_person_settles_first(s: Situation) -> Opinion:
    """A survey waits its working days after the trigger (R139)."""
    early = s.due_at is not None and s.now < s.due_at
    return (Answer.WAIT, f"due from {s.due_at:%d %b %Y %H:%M} UTC") if early else None


def what_is_forgotten_is_not_asked(s: Situation) -> Opinion:
    """A question about something that is long past is not asked any more."""
    if not s.survey.forgotten_after_days or s.due_at is None:
        return None
    over = s.due_at + timedelta(days=s.survey.forgotten_after_days)
    return (Answer.NO, f"what it asks about is past since {over:%d %b %Y}") if s.now > over else None


def the_sample_is_drawn_once(s: Situation) -> Opinion:
    """A sampled survey asks its share of people; who is drawn stays drawn."""
    drawn = draw(s.survey.slug, s.person)
    return (Answer.NO, f"not in the sample of {s.survey.sample:.0%}") if drawn >= s.survey.sample else None


def one_question_at_a_time(s: Situation) -> Opinion:
    """Nobody gets a second question while one is open."""
    return (Answer.WAIT, "another question is open") if s.has_open_question else None


def a_tired_person_is_left_alone(s: Situation) -> Opinion:
    """One budget for all surveys: a person is asked so often in so many days, and no more."""
    since = s.now - timedelta(days=s.budget.days)
    recent = sorted(at for at in s.asked if at > since)
    if len(recent) < s.budget.most:
        return None
    free = recent[-s.budget.most] + timedelta(days=s.budget.days)
    return (
        Answer.WAIT,
        f"asked {len(recent)} of {s.budget.most} in {s.budget.days} days, free on {free:%d %b %Y}",
    )


def all_clear_asks(s: Situation) -> Opinion:
    """Nothing speaks against it: the person is asked."""
    return Answer.ASK, f"due since {s.due_at:%d %b %Y %H:%M} UTC"


# The order is the policy: what can never change comes before what only waits, the person's rest last.
RULES: tuple[Callable[[Situation], Opinion], ...] = (
    a_closed_survey_asks_nobody,
    nobody_is_asked_twice,
    others_are_not_asked,
    nothing_happened_yet,
    a_person_settles_first,
    what_is_forgotten_is_not_asked,
    the_sample_is_drawn_once,
    one_question_at_a_time,
    a_tired_person_is_left_alone,
    all_clear_asks,
)


def may_ask(situation: Situation) -> Decision:
    """Say whether the person is asked now, and why."""
    for rule in RULES:
        if opinion := rule(situation):
            answer, because = opinion
            return Decision(answer, because, rule.__name__)
    raise AssertionError("all_clear_asks always answers")


def draw(survey: str, person: str) -> float:
    """Return where in [0, 1) a person falls in a survey's sample: the same each time, unlike in other surveys."""
    return int.from_bytes(blake2b(f"{survey}\x1f{person}".encode(), digest_size=8).digest()) / _DRAWS
