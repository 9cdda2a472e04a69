"""One suggestion carries another that wants the same. Nothing moves, so taking the merge back is exact."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.platform import outbox
from companyos.work.roadmap.actions.refusals import NoSuch, NotYours, Refused, with_reason
from companyos.work.roadmap.domain.merging import Pair, why_not_merge
from companyos.work.roadmap.models import Suggestion, SuggestionMerge
from companyos.work.roadmap.queries.stewards import is_steward
from companyos.work.roadmap.queries.suggestions import ALL, find


def merge(*, actor: str, suggestion: str, into: str, because: str, now: datetime) -> None:
    """Let `into` carry a suggestion: its votes count there, a person's once, and its author hears what is decided."""
    if not is_steward(actor):
        raise NotYours("Only somebody who leads a team merges suggestions.")
    reason = with_reason(because)
    with transaction.atomic():
        locked = Suggestion.objects.across_tenants(because=ALL).select_for_update()
        list(locked.filter(pk__in=[suggestion, into]).order_by("pk"))
        one, other = find(suggestion, reader=actor), find(into, reader=actor)
        if one is None or other is None:
            raise NoSuch("There is no such suggestion that you may see.")
        if refusal := why_not_merge(Pair(one, other)):
            raise Refused(refusal)
        SuggestionMerge(
            tenant_id=one.tenant, suggestion_id=one.id, into=other.id, because=reason, by=actor, at=now
        ).save(force_insert=True)  # fmt: skip
        outbox.publish("suggestion.merged", {"suggestion": one.id, "into": other.id}, at=now)


def unmerge(*, actor: str, suggestion: str, now: datetime) -> None:
    """Take a merge back: every vote and word is where it was."""
    if not is_steward(actor):
        raise NotYours("Only somebody who leads a team takes merges back.")
    row = find(suggestion, reader=actor)
    if row is None:
        raise NoSuch("There is no such suggestion that you may see.")
    with transaction.atomic():
        standing = SuggestionMerge.objects.of(row.tenant).filter(suggestion_id=row.id, ended_at=None)
        if not standing.update(ended_at=now, ended_by=actor):
            raise Refused("It is not merged.")
        outbox.publish("suggestion.unmerged", {"suggestion": row.id}, at=now)
