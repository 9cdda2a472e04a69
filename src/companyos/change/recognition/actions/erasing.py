"""Taking a person out of recognition: their votes and words go, their name too; badges are of teams and stay."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from companyos.change.recognition.models import Badge, Claim, LedgerEntry, SpotlightVote, SwagBudget

NOBODY = "somebody"
ERASED = "Erased"


def forget(names: Collection[str]) -> int:
    """Delete a person's votes and what they claimed in words, and put `somebody` for their name; says how many rows.

    A budget without its owner is taken over by whoever sets it next. Amounts, decisions and their reasons stay.
    """
    named = list(names)
    with transaction.atomic():
        rows = int(SpotlightVote.objects.filter(person__in=named).delete()[0])
        rows += Claim.objects.filter(by__in=named).update(by=NOBODY, what=ERASED)
        rows += LedgerEntry.objects.filter(by__in=named).update(by=NOBODY)
        rows += SwagBudget.objects.filter(owner__in=named).update(owner=NOBODY)
        rows += SwagBudget.objects.filter(second__in=named).update(second="")
        return rows + Badge.objects.filter(revoked_by__in=named).update(revoked_by=NOBODY)
