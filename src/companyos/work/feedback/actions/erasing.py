"""Taking a person out of triage: the copies of what they reported, and their name from answers and trainings.

A model in use keeps words that several reports share; the next one learns without theirs.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from companyos.work.cases import queries as cases
from companyos.work.cases.domain.erasing import ERASED, ERASED_TITLE
from companyos.work.feedback import queries
from companyos.work.feedback.models import (
    TriageAnswer,
    TriageModel,
    TriageModelUse,
    TriageSuggestion,
    TriageTraining,
)

_EVERYWHERE = "a person's erasure holds in every tenant"


def forget(names: Collection[str]) -> int:
    """Take a person out under any of these names; says how many rows changed. The labels stay: they are the squad's."""
    named = list(names)
    with transaction.atomic():
        copies = TriageSuggestion.objects.across_tenants(because=_EVERYWHERE)
        mine = list(copies.filter(case__in=cases.reports_of(named)))
        for copy in mine:
            judged = [each | {"words": [], "because": ""} for each in copy.judged]
            copies.filter(pk=copy.pk).update(title=ERASED_TITLE, body="", judged=judged)
        said = TriageAnswer.objects.across_tenants(because=_EVERYWHERE).filter(by__in=named)
        signed = said.update(by=ERASED, because="")
        for rows in (TriageModel, TriageModelUse, TriageTraining):
            signed += rows.objects.filter(by__in=named).update(by=ERASED, because="")
    if mine:
        queries.forget_index()
    return len(mine) + signed
