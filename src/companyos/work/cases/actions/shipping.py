"""What was shipped, and where each change came from (R6)."""

from __future__ import annotations

from datetime import datetime

from companyos.kernel.ids import id_of
from companyos.work.cases.actions.refusals import Unclear
from companyos.work.cases.domain.types import Origin
from companyos.work.cases.models import ShippedChange


def keep_change(
    actor: str, feature: str, title: str, link: str, origin: Origin, cases: tuple[str, ...], now: datetime
) -> None:
    """Keep a change once; the same title of a feature said again keeps the first."""
    ShippedChange.objects.get_or_create(
        feature=feature,
        title=title[:200],
        defaults={
            "id": id_of(now, "change", feature, title),
            "link": link[:300],
            "origin": str(origin),
            "cases": list(cases),
            "by": actor,
            "at": now,
        },
    )


def ship(
    *,
    actor: str,
    feature: str,
    title: str,
    origin: Origin,
    now: datetime,
    link: str = "",
    cases: tuple[str, ...] = (),
) -> None:
    """Say that a change has shipped and where it came from. Internal feedback needs its cases; raises Unclear."""
    if not title.strip():
        raise Unclear("Name the change.", "title")
    if origin is Origin.INTERNAL_FEEDBACK and not cases:
        raise Unclear("Internal feedback is named by its cases: give at least one.", "cases")
    keep_change(actor, feature, title.strip(), link, origin, cases[:50], now)
