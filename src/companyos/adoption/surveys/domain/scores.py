"""What the answers to a survey come to: the score with its interval, and always how many were asked and answered.

A person counts once, with the latest asking. Groups so small that an answer could be somebody's are hidden.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from companyos.adoption.surveys.domain.types import Given, Kind, SurveySpec
from companyos.kernel.small_groups import hidden_groups
from companyos.kernel.stats.binomial import wilson_interval
from companyos.kernel.stats.interval import Interval
from companyos.kernel.stats.opinions import Promoters

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a question, and the share of answers that took it."""

    words: str
    n: int
    share: Interval


@dataclass(frozen=True, slots=True)
class Standing:
    """`score` is a share of 1, or -100 to 100 for NPS; None below the survey's minimum, and where words alone count."""

    kind: Kind
    asked: int
    answered: int
    dismissed: int
    score: Interval | None
    needed: int  # answers from which on a score is shown
    good: int = 0  # satisfied answers, or promoters
    bad: int = 0  # detractors
    choices: tuple[Choice, ...] = ()

    @property
    def response(self) -> float | None:
        return self.answered / self.asked if self.asked else None

    @property
    def silent(self) -> int:
        return self.asked - self.answered - self.dismissed


@dataclass(frozen=True, slots=True)
class Group:
    """The answers of a tenant or a week; `standing` is None when they are too few to show."""

    name: str
    standing: Standing | None


def standing(survey: SurveySpec, given: Iterable[Given], *, min_n: int | None = None) -> Standing:
    """Return what these askings come to. `min_n` overrides the survey's own minimum (for a group)."""
    told = latest_of_each(given)
    scores = [each.score for each in told if each.score is not None]
    answered = sum(each.answered_at is not None for each in told)
    needed = survey.min_n if min_n is None else min_n
    enough = len(scores) >= max(needed, 1)
    good, bad = _good(survey, scores), sum(score <= 6 for score in scores) if survey.kind is Kind.NPS else 0
    return Standing(
        survey.kind,
        len(told),
        answered,
        sum(each.dismissed_at is not None for each in told),
        _score(survey.kind, len(scores), good, bad) if enough else None,
        needed,
        good,
        bad,
        _choices(survey, scores) if enough and survey.kind is Kind.QUESTION else (),
    )


def latest_of_each(given: Iterable[Given]) -> tuple[Given, ...]:
    """Return one asking of each person, the latest; an imported row is a person of its own."""
    latest: dict[Hashable, Given] = {}
    for n, each in enumerate(given):
        key: Hashable = each.person or n
        if key not in latest or latest[key].asked_at <= each.asked_at:
            latest[key] = each
    return tuple(latest.values())


def by_tenant(survey: SurveySpec, given: Iterable[Given]) -> tuple[Group, ...]:
    """Return each tenant's standing; small groups, and those that would give them away, are hidden (R97)."""
    groups: dict[str, list[Given]] = {}
    for each in latest_of_each(given):
        groups.setdefault(each.tenant, []).append(each)
    return _shown(survey, groups)


def by_week(survey: SurveySpec, given: Iterable[Given], *, weeks: int, until: date) -> tuple[Group, ...]:
    """Return the standing of those asked in each week, named by its Monday; the last `weeks` up to `until`."""
    monday = until - timedelta(days=until.weekday())
    groups: dict[str, list[Given]] = {
        (monday - timedelta(weeks=back)).isoformat(): [] for back in reversed(range(weeks))
    }
    for each in latest_of_each(given):
        day = each.asked_at.date()
        week = (day - timedelta(days=day.weekday())).isoformat()
        if week in groups:
            groups[week].append(each)
    return _shown(survey, groups)


def _shown(survey: SurveySpec, groups: Mapping[str, Sequence[Given]]) -> tuple[Group, ...]:
    sizes = {name: sum(each.answered_at is not None for each in told) for name, told in groups.items()}
    hidden = hidden_groups(sizes)
    return tuple(
        Group(name, None if name in hidden else standing(survey, told, min_n=1))
        for name, told in sorted(groups.items())
    )


def _good(survey: SurveySpec, scores: Sequence[int]) -> int:
    if survey.kind in {Kind.QUESTION, Kind.TEXT}:
        return 0
    from_ = 9 if survey.kind is Kind.NPS else survey.satisfied_from
    return sum(score >= from_ for score in scores)


def _score(kind: Kind, n: int, good: int, bad: int) -> Interval | None:
    if kind in {Kind.QUESTION, Kind.TEXT}:
        return None
    if kind is Kind.NPS:
        return Promoters(good, n - good - bad, bad).interval(CONFIDENCE)
    return wilson_interval(good, n, CONFIDENCE)


def _choices(survey: SurveySpec, scores: Sequence[int]) -> tuple[Choice, ...]:
    counts = [sum(score == place for score in scores) for place in survey.scores]
    return tuple(
        Choice(words, n, wilson_interval(n, len(scores), CONFIDENCE))
        for words, n in zip(survey.choices, counts, strict=True)
    )
