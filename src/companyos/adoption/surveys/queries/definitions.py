"""The surveys there are, and the budget they share."""

from __future__ import annotations

from companyos.adoption.surveys.domain.types import Audience, Budget, Kind, Letters, SurveySpec, Trigger
from companyos.adoption.surveys.models import FatigueRule, Survey


def surveys() -> tuple[SurveySpec, ...]:
    """Return every survey, the most important first."""
    return tuple(spec_of(row) for row in Survey.objects.order_by("priority", "slug"))


def surveys_of(feature: str, kind: Kind) -> tuple[SurveySpec, ...]:
    return tuple(each for each in surveys() if each.feature == feature and each.kind is kind)


def spec(slug: str) -> SurveySpec | None:
    row = Survey.objects.filter(pk=slug).first()
    return spec_of(row) if row else None


def budget() -> Budget:
    """Return how often one person may be asked, over all surveys."""
    row = FatigueRule.objects.first()
    return Budget(row.most, row.days) if row else Budget()


def spec_of(row: Survey) -> SurveySpec:
    return SurveySpec(
        row.slug,
        row.feature,
        row.question,
        row.title,
        Kind(row.kind),
        (row.scale_low, row.scale_high),
        row.satisfied_from,
        row.low_label,
        row.high_label,
        tuple(row.choices),
        row.follow_up,
        Trigger(row.trigger),
        row.event,
        row.after_working_days,
        Audience(row.audience),
        row.sample,
        row.again_after_days,
        row.forgotten_after_days,
        row.min_n,
        row.priority,
        row.closed,
        tuple(Letters(each) for each in row.letters),
        row.language,
        row.anonymous,
    )
