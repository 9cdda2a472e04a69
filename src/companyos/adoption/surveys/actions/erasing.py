"""Taking a person's answers out: what they were asked, what they said, here and elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from companyos.adoption.surveys.models import AskingBudget, ImportedAnswer, Invitation

_ERASED = "a person's erasure holds in every tenant"


def forget(names: Collection[str]) -> int:
    """Delete the askings, answers and budgets of a person under any of these names; says how many rows."""
    named = list(names)
    asked = Invitation.objects.across_tenants(because=_ERASED).filter(person_id__in=named)
    brought = ImportedAnswer.objects.across_tenants(because=_ERASED).filter(respondent__in=named)
    budgets = AskingBudget.objects.filter(pk__in=named)
    return sum(int(rows.delete()[0]) for rows in (asked, brought, budgets))
