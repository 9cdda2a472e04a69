"""Taking a person's name out of suggestions, votes and RFCs. What was decided stays, without the name."""

from __future__ import annotations

from collections.abc import Collection

from companyos.work.roadmap.models import RfcComment, Suggestion, Vote, Voter, VoterAnswer
from companyos.work.roadmap.queries.suggestions import ALL

NOBODY = "somebody"


def forget(names: Collection[str]) -> int:
    """Delete a person's votes and answers, and put `somebody` for their name; says how many rows."""
    named = list(names)
    votes = Vote.objects.across_tenants(because=ALL).filter(person__in=named)
    told = VoterAnswer.objects.across_tenants(because=ALL).filter(person__in=named)
    gone = sum(int(rows.delete()[0]) for rows in (votes, told, Voter.objects.filter(pk__in=named)))
    made = Suggestion.objects.across_tenants(because=ALL).filter(author__in=named).update(author=NOBODY)
    said = RfcComment.objects.filter(by__in=named).update(by=NOBODY)
    return gone + made + said
