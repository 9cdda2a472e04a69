"""Taking answers out: a person's, here and elsewhere; and everybody's once their time is over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from companyos.adoption.surveys.models import (
    AnswerImport,
    AskingBudget,
    ImportedAnswer,
    Invitation,
    LettersStopped,
    UnsignedAnswer,
)

_AGED = "retention holds in every tenant"
_ERASED = "a person's erasure holds in every tenant"


def forget(names: Collection[str]) -> int:
    """Delete the askings, answers and budgets of a person under any of these names; says how many rows.

    An answer to an anonymous survey stays: nothing tells whose it is.
    """
    named = list(names)
    asked = Invitation.objects.across_tenants(because=_ERASED).filter(person_id__in=named)
    brought = ImportedAnswer.objects.across_tenants(because=_ERASED).filter(respondent__in=named)
    budgets = AskingBudget.objects.filter(pk__in=named)
    stopped = LettersStopped.objects.filter(pk__in=named)
    return sum(int(rows.delete()[0]) for rows in (asked, brought, budgets, stopped))


def drop_older(before: datetime) -> int:
    """Delete askings, answers and imported files from before a moment; says how many rows.

    An import counts from when it was brought. Who was asked longer ago may be asked anew.
    """
    asked = Invitation.objects.across_tenants(because=_AGED).filter(asked_at__lt=before)
    brought = AnswerImport.objects.across_tenants(because=_AGED).filter(at__lt=before)
    unsigned = UnsignedAnswer.objects.across_tenants(because=_AGED).filter(week__lt=before)
    return sum(int(rows.delete()[0]) for rows in (asked, unsigned, brought))
