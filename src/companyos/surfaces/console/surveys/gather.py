"""Gathers the pages of surveys: queries in, frozen pages out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import dropwhile

from companyos.adoption.features import queries as features
from companyos.adoption.surveys import queries
from companyos.adoption.surveys.domain.scores import Group, Standing, by_tenant, by_week, standing
from companyos.adoption.surveys.domain.themes import themes
from companyos.adoption.surveys.domain.types import Audience, Budget, Given, Kind, SurveySpec, Trigger
from companyos.adoption.surveys.queries import OpenQuestion
from companyos.kernel.small_groups import LEAST_SHOWN
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console.surveys.pages import (
    GroupLine,
    QuestionPage,
    Score,
    ScoreChoice,
    SurveyLine,
    SurveyPage,
    SurveysPage,
)
from companyos.surfaces.ui.survey_chart import Week, score_chart, score_words

DAYS = (28, 90, 365)
_WEEKS = 12
_KINDS = {
    Kind.CSAT: "Satisfaction (CSAT)",
    Kind.CES: "Effort (CES)",
    Kind.NPS: "Recommendation (NPS)",
    Kind.QUESTION: "One question",
    Kind.TEXT: "Words",
}


def home(viewer: str, now: datetime) -> SurveysPage:
    every = queries.given_to_all()
    lines = tuple(_line(spec, every.get(spec.slug, ())) for spec in queries.surveys())
    return SurveysPage(now, lines, queries.budget(), len(queries.open_questions(viewer, now=now)))


def survey(slug: str, days: int, now: datetime) -> SurveyPage | None:
    spec = queries.spec(slug)
    if spec is None:
        return None
    since = now - timedelta(days=days)
    given = queries.given_to(slug, since=since, until=now)
    line = _line(spec, given)
    weeks = _since_the_first(by_week(spec, given, weeks=min(_WEEKS, days // 7), until=now.date()))
    titles = tenants.titles()
    row = features.feature(spec.feature)
    words_hidden = line.standing.answered < LEAST_SHOWN
    words = () if words_hidden else queries.verbatims(slug, since=since)
    return SurveyPage(
        now,
        line,
        row.title if row else spec.feature,
        days,
        _who(spec, queries.budget()),
        score_chart(
            "trend", f"{_KINDS[spec.kind]} by week", _chart_weeks(weeks, now), is_nps=spec.kind is Kind.NPS
        ),
        tuple(_group(spec, group, group.name) for group in weeks),
        tuple(_group(spec, group, titles.get(group.name, group.name)) for group in by_tenant(spec, given)),
        themes(words),
        len(words),
        words_hidden,
        queries.imports(slug),
        queries.letters_of(slug, since=since),
    )


def question(
    found: OpenQuestion | None,
    *,
    more: int = 0,
    comment: str = "",
    problem: str = "",
    chosen: int | None = None,
    wants_letters: bool = True,
) -> QuestionPage:
    choices = (
        tuple(ScoreChoice(each, _label(found.spec, each)) for each in found.spec.scores) if found else ()
    )
    return QuestionPage(found, choices, more, comment, problem, chosen=chosen, wants_letters=wants_letters)


def _label(spec: SurveySpec, score: int) -> str:
    return spec.choices[score - 1] if spec.kind is Kind.QUESTION else str(score)


def _line(spec: SurveySpec, given: Sequence[Given]) -> SurveyLine:
    told = standing(spec, given)
    return SurveyLine(spec, _KINDS[spec.kind], told, _score(spec, told))


def _score(spec: SurveySpec, told: Standing) -> Score:
    if told.score is not None:
        value, low, high = (
            score_words(each, is_nps=spec.kind is Kind.NPS)
            for each in (told.score.value, told.score.low, told.score.high)
        )
        return Score("shown", "", value, f"95 % interval {low} to {high}")
    if not told.asked:
        return Score("no_data", "Nobody was asked yet")
    if told.answered < told.needed:
        return Score("undecided", f"{told.answered} answers, shown from {told.needed}")
    if spec.kind in {Kind.TEXT, Kind.QUESTION}:
        return Score("shown", "", f"{told.answered}", "answers")
    return Score("no_data", "No score was given")


def _group(spec: SurveySpec, group: Group, name: str) -> GroupLine:
    if group.standing is None:
        return GroupLine(name, None, Score("too_few_answers", ""))
    if not group.standing.answered:
        return GroupLine(name, group.standing, Score("no_data", "No answer"))
    return GroupLine(name, group.standing, _score(spec, group.standing))


def _since_the_first(weeks: tuple[Group, ...]) -> tuple[Group, ...]:
    """Leave out the weeks before anybody was asked."""
    return tuple(dropwhile(lambda each: each.standing is not None and not each.standing.asked, weeks))


def _chart_weeks(groups: Sequence[Group], now: datetime) -> tuple[Week, ...]:
    this = (now - timedelta(days=now.weekday())).date().isoformat()
    return tuple(_week(group, complete=group.name != this) for group in groups)


def _week(group: Group, *, complete: bool) -> Week:
    told = group.standing
    if told is None or told.score is None:
        return Week(group.name, None, None, None, 1 if told is None else 0, complete)
    return Week(group.name, told.score.value, told.score.low, told.score.high, told.answered, complete)


def _who(spec: SurveySpec, budget: Budget) -> tuple[str, ...]:
    if spec.closed or spec.trigger is Trigger.IMPORT:
        return ("Nobody is asked here: answers were brought in.",)
    days = f"{spec.after_working_days} working days after" if spec.after_working_days else "after"
    happened = {
        Trigger.FIRST_EXPOSURE: f"{days} a person's first use",
        Trigger.EVENT: f"{days} the event {spec.event}",
        Trigger.COMPLETION: f"{days} a completed task",
        Trigger.ANY_TIME: "at any time",
    }[spec.trigger]
    people = "people who have the feature" if spec.audience is Audience.EXPOSED else "everybody"
    sample = "All" if spec.sample >= 1 else f"{spec.sample:.0%} of all"
    again = f"asked again after {spec.again_after_days} days" if spec.again_after_days else "asked once"
    return (
        f"{sample} {people}, {happened}; each is {again}.",
        f"Over all surveys, a person is asked at most {budget.most} in {budget.days} days.",
    )
