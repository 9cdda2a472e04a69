"""What people make of the items of a release note: reword, leave out, add by hand (R108)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from companyos.change.comms.domain.release_notes import (
    LINK,
    MOST_ITEMS,
    TITLE,
    WORDS,
    Item,
    ItemOrigin,
    leads_somewhere,
)
from companyos.change.comms.domain.types import Size

_BY_HAND = "by-hand/"


class Unfit(ValueError):
    """An item cannot be told so; says what to do."""


@dataclass(frozen=True, slots=True)
class Said:
    """An item as somebody wants it. Without a `key` of the note it is added by hand."""

    title: str
    key: str = ""
    words: str = ""
    link: str = ""
    feature: str = ""
    tenants: tuple[str, ...] = ()
    size: Size = Size.MINOR
    left_out: bool = False


def edited(items: Iterable[Item], said: Iterable[Said], *, tenants: Collection[str]) -> tuple[Item, ...]:
    """Return the items as somebody wants them, in their order. Raises Unfit.

    Where an item came from cannot be said otherwise. One that is not named is left out; one added by hand goes.
    """
    before = {item.key: item for item in items}
    found = [_edited(before, each, place, tenants) for place, each in enumerate(said, 1)]
    named = {item.key for item in found}
    if len(named) < len(found):
        raise Unfit("An item is named twice. Name each once.")
    rest = [
        replace(item, left_out=True)
        for item in before.values()
        if item.key not in named and item.origin is not ItemOrigin.BY_HAND
    ]
    if len(found) + len(rest) > MOST_ITEMS:
        raise Unfit(f"A note has at most {MOST_ITEMS} items. Put some together.")
    return (*found, *rest)


def _edited(before: dict[str, Item], said: Said, place: int, tenants: Collection[str]) -> Item:
    title, link = " ".join(said.title.split())[:TITLE], said.link.strip()
    if not title:
        raise Unfit(f"Item {place} has no title. Give it one, or leave it out.")
    if link and (len(link) > LINK or not leads_somewhere(link)):
        raise Unfit(
            f"The link of “{title}” is no web address and no page of ours: begin it with https:// or /."
        )
    if unknown := sorted(set(said.tenants) - set(tenants)):
        raise Unfit(f"“{title}” names {', '.join(unknown)}, which is no production tenant.")
    known = before.get(said.key)
    fresh = f"{_BY_HAND}{_last_by_hand(before) + place}"
    own = known or Item(fresh, ItemOrigin.BY_HAND, title, feature=said.feature)
    return replace(
        own, title=title, words=said.words.strip()[:WORDS], link=link, tenants=tuple(sorted(set(said.tenants))),
        size=said.size, left_out=said.left_out,
    )  # fmt: skip


def _last_by_hand(before: Collection[str]) -> int:
    """Return the highest number that an item added by hand has."""
    numbers = (key.removeprefix(_BY_HAND) for key in before if key.startswith(_BY_HAND))
    return max((int(each) for each in numbers if each.isdigit()), default=0)
