"""Surveys: frozen rows out."""

from __future__ import annotations

from dataclasses import dataclass

from companyos.adoption.surveys.models import Invitation, Survey


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    invitation: str
    survey: str
    question: str


@dataclass(frozen=True, slots=True)
class Tally:
    asked: int
    answered: int
    satisfied: int


def open_questions(person: str) -> tuple[OpenQuestion, ...]:
    rows = (
        Invitation.objects.across_tenants(because="a person sees their own questions")
        .filter(person_id=person, answered_at=None)
        .select_related("survey")
        .order_by("asked_at", "id")
    )
    return tuple(OpenQuestion(str(i.id), i.survey_id, i.survey.question) for i in rows)


def tally(survey: str) -> Tally:
    """Count who was asked, answered and is satisfied."""
    threshold = Survey.objects.values_list("satisfied_from", flat=True).get(pk=survey)
    rows = Invitation.objects.across_tenants(because="aggregates only, shown from ten answers on").filter(
        survey_id=survey
    )
    answered = rows.exclude(answered_at=None)
    return Tally(rows.count(), answered.count(), answered.filter(score__gte=threshold).count())


def tally_by_tenant(survey: str) -> dict[str, Tally]:
    """Count answers per tenant. Whoever shows them hides small groups first (`kernel.small_groups`)."""
    threshold = Survey.objects.values_list("satisfied_from", flat=True).get(pk=survey)
    rows = Invitation.objects.across_tenants(because="aggregates only, small groups are hidden").filter(
        survey_id=survey
    )
    counted: dict[str, Tally] = {}
    for tenant, score in rows.values_list("tenant_id", "score"):
        had = counted.get(tenant, Tally(0, 0, 0))
        answered, satisfied = score is not None, score is not None and score >= threshold
        counted[tenant] = Tally(had.asked + 1, had.answered + answered, had.satisfied + satisfied)
    return counted


def surveyed_features() -> tuple[str, ...]:
    return tuple(Survey.objects.order_by("feature").values_list("feature", flat=True).distinct())
