"""Taking a person out of suggestions, votes and RFCs: their words and their name go; what was decided stays."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from companyos.work.roadmap.models import (
    Council,
    Placed,
    Rfc,
    RfcComment,
    RfcMove,
    RfcReviewer,
    Suggestion,
    Turn,
    Vote,
    Voter,
    VoterAnswer,
)
from companyos.work.roadmap.queries.suggestions import ALL

NOBODY = "somebody"
ERASED = "Erased"


def forget(names: Collection[str]) -> int:
    """Delete a person's votes, answers and words, and put `somebody` for their name; says how many rows.

    The text of an RFC stays: it is what was decided on.
    """
    named = list(names)
    with transaction.atomic():
        votes = Vote.objects.across_tenants(because=ALL).filter(person__in=named)
        told = VoterAnswer.objects.across_tenants(because=ALL).filter(person__in=named)
        waiting = RfcReviewer.objects.filter(person__in=named, approved_at=None)
        gone = (votes, told, waiting, Voter.objects.filter(pk__in=named))
        return sum(int(rows.delete()[0]) for rows in gone) + _words_gone(named) + _names_gone(named)


def _words_gone(named: Collection[str]) -> int:
    made = Suggestion.objects.across_tenants(because=ALL).filter(author__in=named)
    said = RfcComment.objects.filter(by__in=named)
    return made.update(author=NOBODY, title=ERASED, body="") + said.update(by=NOBODY, text=ERASED)


def _names_gone(named: Collection[str]) -> int:
    rows = Placed.objects.across_tenants(because=ALL).filter(by__in=named).update(by=NOBODY)
    rows += RfcComment.objects.filter(resolved_by__in=named).update(resolved_by=NOBODY, resolution=ERASED)
    rows += Rfc.objects.filter(author__in=named).update(author=NOBODY)
    rows += RfcMove.objects.filter(by__in=named).update(by=NOBODY)
    rows += Council.objects.filter(by__in=named).update(by=NOBODY)
    rows += Turn.objects.filter(skipped_by__in=named).update(skipped_by=NOBODY)
    for each in RfcReviewer.objects.filter(person__in=named):  # an approval counts on, each for one
        rows += RfcReviewer.objects.filter(pk=each.pk).update(person=f"{NOBODY}-{each.pk}")
    return int(rows)
