"""Askings and answers: what a person has open, and what everybody's answers are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from companyos.adoption.surveys.domain.eligibility import OPEN_FOR
from companyos.adoption.surveys.domain.scores import latest_of_each
from companyos.adoption.surveys.domain.themes import Verbatim
from companyos.adoption.surveys.domain.types import Given, SurveySpec, week_of
from companyos.adoption.surveys.models import AnswerImport, ImportedAnswer, Invitation, UnsignedAnswer
from companyos.adoption.surveys.queries.definitions import spec, spec_of

_AGGREGATES = "aggregates only, small groups are hidden"
_MOST_VERBATIMS = 1_000  # grouping them takes a fifth of a second


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that waits for its person; `state` says open, answered, dismissed or lapsed."""

    invitation: str
    survey: str
    question: str
    spec: SurveySpec
    asked_at: datetime
    state: str = "open"


@dataclass(frozen=True, slots=True)
class Tally:
    """People asked, who answered, who are satisfied, who sent it away."""

    asked: int
    answered: int
    satisfied: int
    dismissed: int = 0


@dataclass(frozen=True, slots=True)
class ImportRow:
    name: str
    tenant: str
    by: str
    at: datetime
    rows: int
    answered: int
    left_out: tuple[tuple[str, int], ...]


def open_questions(person: str, *, now: datetime) -> tuple[OpenQuestion, ...]:
    """Return what waits for a person's answer, the oldest first; what nobody answered for two weeks lapses."""
    rows = (
        Invitation.objects.across_tenants(because="a person sees their own questions")
        .filter(person_id=person, answered_at=None, dismissed_at=None, asked_at__gt=now - OPEN_FOR)
        .select_related("survey")
        .order_by("asked_at", "id")
    )
    return tuple(_question(row, now) for row in rows)


def question_of(person: str, invitation: str, *, now: datetime) -> OpenQuestion | None:
    """Return one question of a person, open or not."""
    try:
        number = UUID(invitation)
    except ValueError:
        return None
    mine = Invitation.objects.across_tenants(because="a person sees their own questions")
    row = mine.filter(person_id=person, pk=number).select_related("survey").first()
    return _question(row, now) if row else None


def given_to(
    survey: str, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[Given, ...]:
    """Return every asking of a survey in a span (by when it was asked), with what came of it; no words.

    Whoever shows them hides small groups first (`domain.scores`).
    """
    asked = Invitation.objects.across_tenants(because=_AGGREGATES).filter(survey_id=survey, unsigned=False)
    apart = UnsignedAnswer.objects.across_tenants(because=_AGGREGATES).filter(survey_id=survey)
    brought = ImportedAnswer.objects.across_tenants(because=_AGGREGATES).filter(source__survey_id=survey)
    if since is not None:
        asked, brought = asked.filter(asked_at__gte=since), brought.filter(at__gte=since)
        apart = apart.filter(week__gte=week_of(since))
    if until is not None:
        asked, brought = asked.filter(asked_at__lte=until), brought.filter(at__lte=until)
        apart = apart.filter(week__lte=until)
    own = asked.order_by("asked_at", "id").values_list(
        "tenant_id", "asked_at", "answered_at", "dismissed_at", "score", "person_id"
    )
    unsigned = apart.order_by("week", "id").values_list("tenant_id", "week", "score")
    rest = brought.order_by("at", "id").values_list("tenant_id", "at", "score", "words")
    return (
        *(Given(t, a, answered, gone, score, "", p) for t, a, answered, gone, score, p in own),
        *(Given(t, week, week, None, score) for t, week, score in unsigned),
        *(Given(t, at, at if s is not None or words else None, None, s) for t, at, s, words in rest),
    )


def given_to_all() -> dict[str, tuple[Given, ...]]:
    """Return every asking of every survey."""
    slugs = {
        *Invitation.objects.across_tenants(because=_AGGREGATES)
        .values_list("survey_id", flat=True)
        .distinct(),
        *AnswerImport.objects.across_tenants(because=_AGGREGATES)
        .values_list("survey_id", flat=True)
        .distinct(),
    }
    return {slug: given_to(slug) for slug in slugs}


def verbatims(survey: str, *, since: datetime | None = None) -> tuple[Verbatim, ...]:
    """Return the newest words of answers, with their scores and nothing else: no person, no tenant, no moment."""
    asked = Invitation.objects.across_tenants(because=_AGGREGATES).filter(survey_id=survey)
    brought = ImportedAnswer.objects.across_tenants(because=_AGGREGATES).filter(source__survey_id=survey)
    if since is not None:
        asked, brought = asked.filter(asked_at__gte=since), brought.filter(at__gte=since)
    own = asked.exclude(comment="").order_by("-answered_at", "id").values_list("comment", "score")
    apart = (
        UnsignedAnswer.objects.across_tenants(because=_AGGREGATES)
        .filter(survey_id=survey)
        .exclude(comment="")
    )
    if since is not None:
        apart = apart.filter(week__gte=week_of(since))
    unsigned = apart.order_by("-week", "id").values_list("comment", "score")
    rest = brought.exclude(words="").order_by("-at", "row").values_list("words", "score")
    return tuple(Verbatim(words, score) for words, score in (*own, *unsigned, *rest))[:_MOST_VERBATIMS]


def imports(survey: str) -> tuple[ImportRow, ...]:
    rows = AnswerImport.objects.across_tenants(because="who imported what is no opinion").filter(
        survey_id=survey
    )
    return tuple(
        ImportRow(r.name, r.tenant_id, r.by, r.at, r.rows, r.answered, tuple(sorted(r.left_out.items())))
        for r in rows.order_by("at", "id")
    )


def tally(survey: str) -> Tally:
    """Count who was asked, answered and is satisfied."""
    return _tally(spec(survey), given_to(survey))


def tally_by_tenant(survey: str) -> dict[str, Tally]:
    """Count answers per tenant. Whoever shows them hides small groups first (`kernel.small_groups`)."""
    known, groups = spec(survey), dict[str, list[Given]]()
    for each in latest_of_each(given_to(survey)):
        groups.setdefault(each.tenant, []).append(each)
    return {tenant: _tally(known, tuple(told)) for tenant, told in groups.items()}


def _tally(survey: SurveySpec | None, given: tuple[Given, ...]) -> Tally:
    told = latest_of_each(given)
    scores = [each.score for each in told if each.score is not None]
    threshold = survey.satisfied_from if survey else 0
    return Tally(
        len(told),
        len(scores),
        sum(score >= threshold for score in scores),
        sum(each.dismissed_at is not None for each in told),
    )


def _question(row: Invitation, now: datetime) -> OpenQuestion:
    survey = spec_of(row.survey)
    state = "answered" if row.answered_at else "dismissed" if row.dismissed_at else ""
    state = state or ("open" if row.asked_at > now - OPEN_FOR else "lapsed")
    return OpenQuestion(str(row.pk), survey.slug, survey.question, survey, row.asked_at, state)
