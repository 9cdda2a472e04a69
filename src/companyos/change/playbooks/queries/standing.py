"""Which drills count for a feature now, and why the others do not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from companyos.adoption.features import queries as features
from companyos.change.playbooks.domain.counting import (
    HOLDS_FOR_DAYS,
    Asked,
    Counted,
    Situation,
    count,
    fits,
    latest_of,
)
from companyos.change.playbooks.domain.types import DrillRow
from companyos.change.playbooks.queries.drills import drills_of


def standing(
    feature: str, now: datetime, *, asked: Collection[Asked] = tuple(Asked), days: int = HOLDS_FOR_DAYS
) -> tuple[Counted, ...]:
    """Return how each asked drill of a feature stands."""
    row = features.feature(feature)
    return counted(feature, row.version if row else "", drills_of([feature]), now, asked=asked, days=days)


def counted(
    feature: str,
    version: str,
    held: Iterable[DrillRow],
    now: datetime,
    *,
    asked: Collection[Asked] = tuple(Asked),
    days: int = HOLDS_FOR_DAYS,
) -> tuple[Counted, ...]:
    """Judge each asked drill over drills that were read already. The whole system has no version of its own here."""
    several = tuple(held)
    found = []
    for each in asked:
        mine = [drill for drill in several if fits(drill, each, feature)]
        made_for = "" if each is Asked.RECOVERY else version
        running = any(drill.runs for drill in mine)
        found.append(count(Situation(each, latest_of(mine, now), made_for, now, days, running)))
    return tuple(found)
