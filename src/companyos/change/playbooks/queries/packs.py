"""Support packs: each item in its newest version."""

from __future__ import annotations

from datetime import datetime

from companyos.change.playbooks.domain.packs import FRESH_FOR_DAYS, Pack, pack_of
from companyos.change.playbooks.domain.types import Item, ItemKind
from companyos.change.playbooks.models import SupportItem


def items(feature: str) -> tuple[Item, ...]:
    """Return what stands in a feature's pack; what was taken out is left out."""
    newest = {each.slug: each for each in SupportItem.objects.filter(feature=feature).order_by("version")}
    return tuple(_item(each) for each in newest.values() if not each.taken_out)


def find_item(feature: str, slug: str) -> Item | None:
    found = SupportItem.objects.filter(feature=feature, slug=slug).order_by("-version").first()
    return _item(found) if found and not found.taken_out else None


def support_pack(feature: str, now: datetime, *, days: int = FRESH_FOR_DAYS) -> Pack:
    return pack_of(items(feature), now, days=days)


def support_packs(now: datetime) -> dict[str, Pack]:
    """Return the packs of every feature that has one."""
    newest = {(each.feature, each.slug): each for each in SupportItem.objects.order_by("version")}
    found: dict[str, list[Item]] = {}
    for (feature, _), each in newest.items():
        if not each.taken_out:
            found.setdefault(feature, []).append(_item(each))
    return {feature: pack_of(several, now) for feature, several in found.items()}


def _item(each: SupportItem) -> Item:
    return Item(
        each.slug, ItemKind(each.kind), each.title, each.words, each.link, each.owner, each.place,
        each.after_minutes, each.version, each.at, each.by,
    )  # fmt: skip
