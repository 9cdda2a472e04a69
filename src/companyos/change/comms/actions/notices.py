"""Telling people, and their word that they know."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from companyos.change.comms.actions.refusals import NoSuch, NotYours, Refused
from companyos.change.comms.domain.types import Kind, Size
from companyos.change.comms.models import Notice, Reader
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox

_TITLE, _WORDS, _LINK, _OUTCOME = 160, 20_000, 300, 300


def tell(
    *,
    actor: str,
    key: str,
    kind: Kind,
    title: str,
    words: str,
    people: Collection[str],
    now: datetime,
    size: Size = Size.MINOR,
    feature: str = "",
    link: str = "",
    changes_at: datetime | None = None,
    needs_ack: bool = False,
) -> str:
    """Tell people of something, in their news, and return the notice's id. The same `key` is told once.

    People who are named when it is told again, and were not before, are told now.
    """
    with transaction.atomic():
        notice, is_new = Notice.objects.get_or_create(
            key=key,
            defaults={
                "id": id_of(now, "notice", key),
                "kind": kind,
                "size": size,
                "feature": feature,
                "title": " ".join(title.split())[:_TITLE],
                "words": words[:_WORDS],
                "link": link[:_LINK],
                "at": now,
                "by": actor,
                "changes_at": changes_at,
                "needs_ack": needs_ack,
            },
        )
        known = set(Reader.objects.filter(notice=notice).values_list("person", flat=True))
        fresh = sorted(set(people) - known)
        Reader.objects.bulk_create(
            [Reader(notice=notice, person=person, told_at=now) for person in fresh], ignore_conflicts=True
        )
        if is_new or fresh:
            outbox.publish("notice.told", {"notice": str(notice.pk), "kind": str(kind)}, at=now)
    return str(notice.pk)


def announce(
    *,
    actor: str,
    title: str,
    words: str,
    tenants: Collection[str],
    teams: Collection[str],
    now: datetime,
    feature: str = "",
    changes_at: datetime | None = None,
    needs_ack: bool = False,
    size: Size = Size.MINOR,
) -> str:
    """Tell tenants or teams something by hand; whoever leads a team may. Raises Refused."""
    if not identity.leads_a_team(actor):
        raise NotYours("Whoever leads a team announces; ask yours.")
    if not title.strip() or not words.strip():
        raise Refused("An announcement has a title and says what changes, for whom, and what to do.")
    people = audience(tenants, teams)
    if not people:
        raise Refused("Nobody is in this audience. Name a tenant or a team with people in it.")
    return tell(
        actor=actor, key=f"by-hand/{id_of(now, actor, title)}", kind=Kind.BY_HAND, title=title.strip(), words=words,
        people=people, size=size, feature=feature, changes_at=changes_at, needs_ack=needs_ack, now=now,
    )  # fmt: skip


def audience(tenants: Collection[str], teams: Collection[str]) -> frozenset[str]:
    """Return who works in these tenants or is in these teams."""
    everybody = identity.everybody()
    return frozenset(each.slug for each in everybody if each.tenant in tenants or each.team in teams)


def move(*, key: str, changes_at: datetime, now: datetime) -> bool:
    """Say that the change of a notice comes at another time; tells whether that is news."""
    with transaction.atomic():
        found = Notice.objects.filter(key=key).exclude(changes_at=changes_at)
        moved = bool(found.update(changes_at=changes_at))
        if moved:
            outbox.publish("notice.moved", {"key": key, "changes_at": changes_at.isoformat()}, at=now)
    return moved


def note_outcome(*, key: str, outcome: str, now: datetime) -> bool:
    """Keep what became of a change that people were told of; tells whether a notice says so now."""
    with transaction.atomic():
        found = Notice.objects.filter(key=key).exclude(outcome=outcome[:_OUTCOME])
        noted = bool(found.update(outcome=outcome[:_OUTCOME]))
        if noted:
            outbox.publish("notice.outcome", {"key": key}, at=now)
    return noted


def open_one(*, actor: str, notice: str, now: datetime) -> None:
    """Keep that a reader has opened a notice; the first time counts. Nobody else's opening is kept."""
    Reader.objects.filter(notice__pk=notice, person=actor, opened_at=None).update(opened_at=now)


def open_all(*, actor: str, now: datetime) -> int:
    """Keep that a reader has seen all their news, but for what waits for a word of theirs; says how many."""
    mine = Reader.objects.filter(person=actor, opened_at=None, notice__needs_ack=False)
    return int(mine.update(opened_at=now))


def acknowledge(*, actor: str, notice: str, now: datetime) -> None:
    """Keep a reader's word that they know. Raises NoSuch for somebody whom it was not told to."""
    mine = Reader.objects.filter(notice__pk=notice, person=actor)
    if not mine.exists():
        raise NoSuch("This notice was not told to you.")
    mine.filter(opened_at=None).update(opened_at=now)
    with transaction.atomic():
        if mine.filter(acknowledged_at=None).update(acknowledged_at=now):
            outbox.publish("notice.acknowledged", {"notice": notice}, at=now)
