"""What happened in a period, gathered from the rooms where it did: what an edition is drafted from."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from companyos.adoption.features import queries as features
from companyos.adoption.rollouts import queries as rollouts
from companyos.change.comms.domain.drafting import Feature, Happened, Reached, Shipped, Turned, Wanted
from companyos.change.comms.domain.types import Size
from companyos.people.tenants import queries as tenants
from companyos.work.cases import queries as cases
from companyos.work.roadmap import queries as roadmap

T = TypeVar("T")


def happened(since: datetime, until: datetime) -> Happened:
    """Return what happened after `since`, up to `until`. Suggestions that are private to a tenant are no news."""
    titles, production = tenants.titles(), tenants.production_tenants()
    return Happened(
        shipped=tuple(_as(Shipped, each) for each in cases.changes(since, until)),
        wanted=tuple(
            Wanted(each.id, each.feature, each.title, each.because, each.fix, each.votes, each.placed_at or until)
            for each in roadmap.shipped(since, until)
        ),
        turns=tuple(_as(Turned, each) for each in rollouts.stage_turns(since, until)),
        reached=tuple(_as(Reached, each) for each in features.reached_ga(since, until)),
        features={
            each.slug: Feature(each.title, each.summary, Size(each.size)) for each in features.features()
        },
        tenants={slug: titles[slug] for slug in sorted(production)},
    )  # fmt: skip


def _as(kind: type[T], row: Any) -> T:
    """Return a row of another room as this room's own: they have the same fields."""
    return kind(**{each.name: getattr(row, each.name) for each in fields(kind)})  # type: ignore[arg-type]
