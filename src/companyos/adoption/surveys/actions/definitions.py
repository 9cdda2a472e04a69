"""What the program says of surveys."""

from __future__ import annotations

from companyos.adoption.surveys.domain.types import Budget, SurveySpec
from companyos.adoption.surveys.models import FatigueRule, Survey
from companyos.adoption.surveys.queries.definitions import budget, spec

_ONE = 1


def keep_survey(survey: SurveySpec) -> bool:
    """Create or correct a survey; says whether anything changed."""
    if spec(survey.slug) == survey:
        return False
    low, high = survey.scale
    Survey.objects.update_or_create(
        slug=survey.slug,
        defaults={
            "feature": survey.feature,
            "title": survey.title,
            "question": survey.question,
            "kind": survey.kind,
            "scale_low": low,
            "scale_high": high,
            "satisfied_from": survey.satisfied_from,
            "low_label": survey.low_label,
            "high_label": survey.high_label,
            "choices": list(survey.choices),
            "follow_up": survey.follow_up,
            "trigger": survey.trigger,
            "event": survey.event,
            "after_working_days": survey.after_working_days,
            "audience": survey.audience,
            "sample": survey.sample,
            "again_after_days": survey.again_after_days,
            "forgotten_after_days": survey.forgotten_after_days,
            "min_n": survey.min_n,
            "priority": survey.priority,
            "closed": survey.closed,
            "letters": list(survey.letters),
            "language": survey.language,
            "anonymous": survey.anonymous,
        },
    )
    return True


def keep_budget(kept: Budget) -> bool:
    """Set how often one person may be asked, over all surveys; says whether anything changed."""
    if budget() == kept and FatigueRule.objects.filter(pk=_ONE).exists():
        return False
    FatigueRule.objects.update_or_create(pk=_ONE, defaults={"most": kept.most, "days": kept.days})
    return True
