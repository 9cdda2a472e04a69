"""Placing a suggestion on the roadmap, and answering everybody who voted for it, in one transaction (R89)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.platform import outbox
from companyos.work.roadmap.actions.refusals import NoSuch, NotYours, Refused, with_reason
from companyos.work.roadmap.domain.types import Place
from companyos.work.roadmap.models import Placed, Suggestion, Vote, VoterAnswer
from companyos.work.roadmap.queries.stewards import is_steward
from companyos.work.roadmap.queries.suggestions import ALL, find


def place(
    *, actor: str, suggestion: str, to: Place, because: str, now: datetime, fix: str = "", council: str = ""
) -> int:
    """Move a suggestion and tell every voter why; says how many were told.

    `fix` is what shipped it: a case, a release, a link. Raises NotYours, NoSuch, Refused.
    """
    if not is_steward(actor):
        raise NotYours("Only somebody who leads a team places suggestions.")
    reason, row = with_reason(because), find(suggestion, reader=actor)
    if row is None:
        raise NoSuch("There is no such suggestion that you may see.")
    if row.merged_into:
        raise Refused("It is merged into another suggestion. Place that one, or take the merge back first.")
    if to is Place.NEW or to is row.place:
        raise Refused(
            f"It is {row.place} already; choose another place." if to is row.place else "Choose a place."
        )
    if to is Place.SHIPPED and not fix.strip():
        raise Refused("Say what shipped it: a case, a release note or a link.")
    with transaction.atomic():
        stored = Suggestion.objects.of(row.tenant).select_for_update().filter(pk=row.id).first()
        if stored is None or stored.place != row.place:
            raise Refused("Somebody moved it meanwhile. Load the page again and decide anew.")
        moved = Suggestion.objects.of(row.tenant).filter(pk=row.id, version=stored.version)
        if not moved.update(place=to, version=stored.version + 1, fix=fix.strip()[:200] or stored.fix):
            raise Refused("Somebody moved it meanwhile. Load the page again and decide anew.")
        change = Placed(
            tenant_id=row.tenant, suggestion_id=row.id, version=stored.version + 1, before=row.place, after=to,
            because=reason, by=actor, at=now, council=council,
        )  # fmt: skip
        change.save(force_insert=True)
        told = sorted(_hearers((row.id, *row.carries)))
        VoterAnswer.all_rows.bulk_create(
            VoterAnswer(tenant_id=row.tenant, placed=change, person=person) for person in told
        )
        outbox.publish("suggestion.placed", {"suggestion": row.id, "place": to, "told": len(told)}, at=now)
    return len(told)


def _hearers(family: tuple[str, ...]) -> set[str]:
    """Return who voted for one of these, and who suggested them."""
    votes = Vote.objects.across_tenants(because=ALL).filter(suggestion_id__in=family)
    made = Suggestion.objects.across_tenants(because=ALL).filter(pk__in=family)
    return {*votes.values_list("person", flat=True), *made.values_list("author", flat=True)}


def read_answers(*, actor: str, now: datetime) -> None:
    """Mark what a person was told as read."""
    told = VoterAnswer.objects.across_tenants(because=ALL).filter(person=actor, read_at=None)
    told.update(read_at=now)
