"""Keeping which squad answers for which area."""

from __future__ import annotations

from collections.abc import Iterable

from companyos.work.feedback.domain.types import Ownership
from companyos.work.feedback.models import OwnershipRule


def keep_ownership(*, ownerships: Iterable[Ownership]) -> tuple[str, ...]:
    """Make the rules what the program says; names the areas that changed."""
    wanted = {each.area: each for each in ownerships}
    changed = []
    for area, each in wanted.items():
        values = {
            "title": each.title,
            "squad": each.squad,
            "words": list(each.words),
            "features": list(each.features),
        }
        found = OwnershipRule.objects.filter(pk=area).values(*values).first()
        if found != values:
            OwnershipRule.objects.update_or_create(area=area, defaults=values)
            changed.append(area)
    for gone in OwnershipRule.objects.exclude(pk__in=list(wanted)):
        changed.append(gone.area)
        gone.delete()
    return tuple(changed)
