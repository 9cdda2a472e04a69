"""Suggesting and voting. One vote each, and so many at a time, also when requests race."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from companyos.kernel.ids import id_of
from companyos.people.tenants import queries as tenants
from companyos.platform import outbox
from companyos.work.roadmap.actions.refusals import NoSuch, Refused
from companyos.work.roadmap.domain.types import Place, Rules
from companyos.work.roadmap.domain.voting import Ballot, why_not
from companyos.work.roadmap.models import Suggestion, Vote, Voter, VotingRule
from companyos.work.roadmap.queries.suggestions import ALL, find, may_see, rules, spent_by

MOST_BODY = 10_000
_ONE, _TRIES = 1, 20
_OVER = [Place.SHIPPED, Place.DECLINED]


class _Overtaken(Exception):
    """Another vote of this person came first."""


def keep_rules(kept: Rules) -> bool:
    """Set how people vote; says whether anything changed."""
    values = {"votes": kept.votes, "weights": dict(kept.weights)}
    if VotingRule.objects.filter(pk=_ONE).values(*values).first() == values:
        return False
    VotingRule.objects.update_or_create(pk=_ONE, defaults=values)
    return True


def suggest(
    *, actor: str, tenant: str, title: str, body: str, now: datetime, feature: str = "", private: bool = False
) -> str:
    """Suggest something, in one of the actor's tenants; return its id. Raises Refused.

    The author's own vote is not given: it costs like any other.
    """
    if not tenants.is_member(tenant=tenant, person=actor):
        raise NoSuch(f"There is no tenant {tenant!r} of yours.")
    title = title.strip()
    if not 4 <= len(title) <= 160 or len(body) > MOST_BODY:
        raise Refused(f"A title has 4 to 160 characters, the rest at most {MOST_BODY:,}. Nothing was stored.")
    number = id_of(now, "suggestion", actor, title)
    try:
        with transaction.atomic():
            Suggestion(
                id=number, tenant_id=tenant, private=private, title=title, body=body.strip(), feature=feature,
                author=actor, at=now,
            ).save(force_insert=True)  # fmt: skip
            outbox.publish("suggestion.made", {"suggestion": str(number)}, at=now)
    except IntegrityError:
        pass  # the same person sent the same twice: it is there
    return str(number)


def vote(*, actor: str, tenant: str, suggestion: str, now: datetime) -> None:
    """Vote for a suggestion; `tenant` is the voter's own. Raises NoSuch, and Refused with the rule's words."""
    for _ in range(_TRIES):
        try:
            return _vote(actor, tenant, suggestion, now)
        except _Overtaken:
            continue
    raise Refused("Too many votes of yours came at once. This one was not counted; send it again.")


def take_back(*, actor: str, suggestion: str, now: datetime) -> None:
    """Take a vote back while the suggestion is open. Raises NoSuch and Refused."""
    row = find(suggestion, reader=actor)
    if row is None:
        raise NoSuch("There is no such suggestion that you may see.")
    mine = Vote.objects.across_tenants(because=ALL).filter(
        suggestion_id__in=[row.id, *row.carries],
        person=actor,
        suggestion__place__in=[p for p in Place if not p.is_over],
    )
    with transaction.atomic():
        if not mine.delete()[0]:
            raise Refused("You have no vote to take back here: none was given, or it is over.")
        outbox.publish("suggestion.voted", {"suggestion": row.id}, at=now)


def _vote(actor: str, tenant: str, suggestion: str, now: datetime) -> None:
    voter = Voter.objects.filter(pk=actor).first()  # first: whoever votes later changes the version
    row = find(suggestion, reader=actor)
    ballot = Ballot(
        row.place if row else Place.NEW,
        row is not None and may_see(row, actor),
        row is not None and row.voted,
        spent_by(actor),
        rules().votes,
        row is not None and bool(row.merged_into),
    )
    refusal = why_not(ballot)
    if row is None or refusal:
        raise (NoSuch if row is None else Refused)(refusal or "There is no such suggestion that you may see.")
    try:
        with transaction.atomic():
            _swap(voter, actor)
            locked = Suggestion.objects.of(row.tenant).select_for_update().filter(pk=row.id)
            if (
                locked.exclude(place__in=_OVER).first() is None
            ):  # whoever places it reads the votes after this one
                raise _Overtaken
            Vote(tenant_id=row.tenant, suggestion_id=row.id, person=actor, voter_tenant=tenant, at=now).save(
                force_insert=True
            )
            outbox.publish("suggestion.voted", {"suggestion": row.id}, at=now)
    except IntegrityError:
        raise _Overtaken from None


def _swap(voter: Voter | None, person: str) -> None:
    if voter is None:
        Voter(person=person, version=1).save(force_insert=True)
    elif not Voter.objects.filter(pk=person, version=voter.version).update(version=voter.version + 1):
        raise _Overtaken
