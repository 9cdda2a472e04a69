"""Writing support packs: every change is a new version, and so is a look that found it right."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from companyos.adoption.features import queries as features
from companyos.change.playbooks.actions.refusals import NoSuch, NotYours, Refused
from companyos.change.playbooks.domain.macros import UnknownVariable, variables_of
from companyos.change.playbooks.domain.reading import is_followed
from companyos.change.playbooks.domain.types import Item, ItemKind
from companyos.change.playbooks.models import SupportItem
from companyos.change.playbooks.queries.library import may_write
from companyos.change.playbooks.queries.packs import find_item
from companyos.people.identity import queries as identity
from companyos.platform import outbox

_TITLE, _WORDS, _LINK, _A_WEEK = 160, 10_000, 300, 10_080


def keep_item(
    *,
    actor: str,
    feature: str,
    kind: ItemKind,
    title: str,
    owner: str,
    now: datetime,
    slug: str = "",
    words: str = "",
    link: str = "",
    place: int = 0,
    after_minutes: int | None = None,
) -> str:
    """Add a piece to a feature's pack, or with its `slug` write it anew; returns its slug. Raises Refused."""
    earlier = find_item(feature, slug) if slug else None
    if slug and earlier is None:
        raise NoSuch("There is no such piece in this pack.")
    _check_owner(actor, feature, owner, earlier)
    title, words, link = " ".join(title.split()), words.strip(), link.strip()
    _check_words(kind, title, words, link, after_minutes)
    known = slug or slugify(f"{kind}-{title}")[:50]
    if not slug and find_item(feature, known):
        raise Refused("There is one of this name already. Change that one, or call this one otherwise.")
    item = Item(known, kind, title, words, link, owner, place, after_minutes, 0, now, actor)
    _add(feature, item, taken_out=False)
    return known


def review_item(*, actor: str, feature: str, slug: str, now: datetime) -> None:
    """Keep that somebody has looked at it and found it right. Raises Refused."""
    _again(actor, feature, slug, now, taken_out=False)


def take_out_item(*, actor: str, feature: str, slug: str, now: datetime) -> None:
    """Take a piece out of the pack; its versions stay. Raises Refused."""
    _again(actor, feature, slug, now, taken_out=True)


def _again(actor: str, feature: str, slug: str, now: datetime, *, taken_out: bool) -> None:
    found = find_item(feature, slug)
    if found is None:
        raise NoSuch("There is no such piece in this pack.")
    _check_owner(actor, feature, found.owner, None)
    item = Item(
        found.slug, found.kind, found.title, found.words, found.link, found.owner, found.place, found.after_minutes,
        found.version, now, actor,
    )  # fmt: skip
    _add(feature, item, taken_out=taken_out)


def _check_owner(actor: str, feature: str, owner: str, earlier: Item | None) -> None:
    row = features.feature(feature)
    if row is None:
        raise NoSuch(f"There is no feature {feature!r}.")
    if owner not in {team.slug for team in identity.teams()}:
        raise Refused("Name the team that keeps it right.")
    squad = actor in features.stewards(row.owner, row.lead_team)
    owners = {owner, *([earlier.owner] if earlier else [])}
    if not squad and not all(may_write(actor, each) for each in owners):
        raise NotYours(
            "The team that owns it, the feature's squad and whoever leads a team write a support pack."
        )


def _check_words(kind: ItemKind, title: str, words: str, link: str, after_minutes: int | None) -> None:
    if not title or len(title) > _TITLE or len(words) > _WORDS or len(link) > _LINK:
        raise Refused("Give it a title of at most 160 characters, words of 10,000, a link of 300.")
    if link and not is_followed(link):
        raise Refused("A link begins with https://, http:// or / for a page of ours.")
    if kind is ItemKind.RUNBOOK and not (link or words):
        raise Refused("Say where the runbook is, or what it says.")
    if kind in {ItemKind.FAQ, ItemKind.MACRO} and not words:
        raise Refused("Say what is answered.")
    if kind is ItemKind.ESCALATION and not (after_minutes is not None and 0 <= after_minutes <= _A_WEEK):
        raise Refused("Say after how many minutes they are called: 0 for at once, 10,080 for a week at most.")
    if kind is ItemKind.MACRO:
        try:
            variables_of(words)
        except UnknownVariable as unknown:
            raise Refused(str(unknown)) from None


def _add(feature: str, item: Item, *, taken_out: bool) -> None:
    mine = SupportItem.objects.filter(feature=feature, slug=item.slug)
    try:
        with transaction.atomic():
            newest = mine.order_by("-version").values_list("version", flat=True).first() or 0
            SupportItem.objects.create(
                feature=feature, slug=item.slug, version=newest + 1, kind=item.kind, title=item.title,
                words=item.words, link=item.link, owner=item.owner, place=item.place,
                after_minutes=item.after_minutes, taken_out=taken_out, at=item.reviewed_at, by=item.by,
            )  # fmt: skip
            told = {"feature": feature, "item": item.slug, "kind": str(item.kind)}
            outbox.publish("support.changed", told, at=item.reviewed_at)
    except IntegrityError:
        raise Refused("Somebody changed it at the same moment. Look at it, then try again.") from None
