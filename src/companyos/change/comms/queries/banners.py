"""Banners, whom each is for, what became of it, and which one a person sees now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import FilteredRelation, Q
from django.db.models.functions import Coalesce

from companyos.change.comms.domain.banners import (
    LATELY,
    Audience,
    BannerRow,
    Choice,
    Offered,
    Severity,
    Situation,
    choose,
)
from companyos.change.comms.models import Banner, BannerSeen, Reader
from companyos.kernel.ids import is_id
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import PersonRow

# the columns of what every page asks, in the order of `Offered`
_READ = (
    "id",
    "severity",
    "title",
    "words",
    "link",
    "link_words",
    "dismissible",
    "needs_ack",
    "priority",
    "starts_at",
    "ends_at",
)
_DID = ("mine__id", "answered_at")
_WHOM = ("reading__id", "audience")


@dataclass(frozen=True, slots=True)
class Answered:
    """Of `people` in the audience: to whom it was shown, who dismissed it, who acknowledged it."""

    people: int
    shown: int
    dismissed: int
    acknowledged: int


def shown_to(person: str, now: datetime) -> Choice:
    """Return the one banner that a person sees now, or none; and why.

    Where none is in force for anybody this is one query. Most pages show what the one before did: what else was new
    to them is asked only where it matters.
    """
    rows = _in_force(person, now)
    me = identity.find(person) if rows else None
    situation = Situation(now, tuple(_offered(row) for row in rows if me and _concerns(row, me)))
    choice = choose(situation)
    return (
        choose(replace(situation, new_to_them=_new_to(person, now))) if choice.depends_on_the_day else choice
    )


def is_for(person: str, row: BannerRow) -> bool:
    """Tell whether a person is in the audience of a banner."""
    me = identity.find(person)
    if me is None:
        return False
    if row.audience.holds(tenant=me.tenant, team=me.team, department=me.department):
        return True
    return bool(row.notice) and Reader.objects.filter(notice__pk=row.notice, person=person).exists()


def banners(*, limit: int = 200) -> tuple[BannerRow, ...]:
    """Return banners, the latest start first."""
    return tuple(row_of(each) for each in Banner.objects.order_by("-starts_at", "-id")[:limit])


def not_over(now: datetime) -> tuple[BannerRow, ...]:
    """Return the banners in force and to come, the oldest start first."""
    rows = Banner.objects.filter(ended_at=None, ends_at__gt=now).order_by("starts_at", "id")
    return tuple(row_of(each) for each in rows)


def in_tenant(tenant: str, now: datetime) -> tuple[BannerRow, ...]:
    """Return the banners in force and to come that somebody who works in a tenant sees."""
    rows = not_over(now)
    here = {each.slug for each in identity.everybody() if each.tenant == tenant}
    people = audiences(rows) if rows else {}
    return tuple(row for row in rows if people[row.id] & here)


def find_banner(banner: str) -> BannerRow | None:
    found = Banner.objects.filter(pk=banner).first() if is_id(banner) else None
    return row_of(found) if found else None


def people_of(audience: Audience, notice: str = "") -> frozenset[str]:
    """Return who is in an audience today."""
    told = {notice: _readers([notice]).get(notice, set())} if notice else {}
    return _people(audience, notice, told, identity.everybody())


def audiences(rows: Iterable[BannerRow]) -> dict[str, frozenset[str]]:
    """Return who is in the audience of each banner today."""
    rows = tuple(rows)
    told, everybody = _readers([row.notice for row in rows if row.notice]), identity.everybody()
    return {row.id: _people(row.audience, row.notice, told, everybody) for row in rows}


def answers(rows: Iterable[BannerRow]) -> dict[str, Answered]:
    """Return what became of each banner among the people of its audience today.

    Whoever acknowledged its notice elsewhere has acknowledged the banner.
    """
    rows = tuple(rows)
    people = audiences(rows)
    seen: dict[str, list[tuple[str, bool, bool]]] = defaultdict(list)
    facts = BannerSeen.objects.filter(banner__in=[row.id for row in rows])
    for banner, person, dismissed, known in facts.values_list(
        "banner_id", "person", "dismissed_at", "acknowledged_at"
    ):
        seen[str(banner)].append((person, dismissed is not None, known is not None))
    know = _readers([row.notice for row in rows if row.notice], acknowledged=True)
    return {row.id: _answered(people[row.id], seen[row.id], know.get(row.notice, set())) for row in rows}


def row_of(each: Banner) -> BannerRow:
    return BannerRow(
        str(each.pk),
        each.title,
        each.words,
        each.link,
        each.link_words,
        Severity(each.severity),
        Audience(**{kind: tuple(slugs) for kind, slugs in each.audience.items()}),
        str(each.notice_id or ""),
        each.starts_at,
        each.ends_at,
        each.dismissible,
        each.needs_ack,
        each.priority,
        each.at,
        each.by,
        each.ended_at,
        each.ended_by,
        each.ended_because,
    )


def _in_force(person: str, now: datetime) -> list[tuple[Any, ...]]:
    """Return the banners in force with what a person did with each and with its notice, in one query.

    Every page asks this, so it reads plain columns: whole rows cost more than twice as much.
    """
    rows = Banner.objects.filter(ended_at=None, starts_at__lte=now, ends_at__gt=now).annotate(
        mine=FilteredRelation("seen", condition=Q(seen__person=person)),
        reading=FilteredRelation("notice__readers", condition=Q(notice__readers__person=person)),
        answered_at=Coalesce("mine__dismissed_at", "mine__acknowledged_at", "reading__acknowledged_at"),
    )
    return list(rows.values_list(*_READ, *_DID, *_WHOM))


def _new_to(person: str, now: datetime) -> tuple[datetime, ...]:
    rows = BannerSeen.objects.filter(person=person, first_shown_at__gt=now - LATELY)
    return tuple(rows.exclude(banner__severity=Severity.CRITICAL).values_list("first_shown_at", flat=True))


def _concerns(row: tuple[Any, ...], me: PersonRow) -> bool:
    told, audience = row[-len(_WHOM) :]
    return told is not None or Audience(**audience).holds(
        tenant=me.tenant, team=me.team, department=me.department
    )


def _offered(row: tuple[Any, ...]) -> Offered:
    key, severity, *read, shown, answered = row[: -len(_WHOM)]
    told: tuple[Any, ...] = (str(key), Severity(severity), *read, shown is not None, answered is not None)
    return Offered(*told)


def _people(
    audience: Audience, notice: str, told: dict[str, set[str]], everybody: Iterable[PersonRow]
) -> frozenset[str]:
    return frozenset(
        each.slug
        for each in everybody
        if each.slug in told.get(notice, ())
        or audience.holds(tenant=each.tenant, team=each.team, department=each.department)
    )


def _answered(people: frozenset[str], seen: list[tuple[str, bool, bool]], know: set[str]) -> Answered:
    mine = [each for each in seen if each[0] in people]
    known = {person for person, _, has_said in mine if has_said} | (know & people)
    return Answered(len(people), len(mine), sum(dismissed for _, dismissed, _ in mine), len(known))


def _readers(notices: list[str], *, acknowledged: bool = False) -> dict[str, set[str]]:
    rows = Reader.objects.filter(notice__pk__in=notices)
    found: dict[str, set[str]] = defaultdict(set)
    for notice, person in (rows.exclude(acknowledged_at=None) if acknowledged else rows).values_list(
        "notice_id", "person"
    ):
        found[str(notice)].add(person)
    return found
