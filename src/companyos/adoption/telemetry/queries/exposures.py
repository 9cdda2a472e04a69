"""Who met which variant of which flag (R95)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.adoption.telemetry.queries.connection import engine, milliseconds


@dataclass(frozen=True, slots=True)
class Exposure:
    flag: str
    variant: str
    tenant: str
    people: int
    evaluations: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Crossed:
    """Of `people` who met a flag in a tenant, `crossed` met more than one variant: a comparison is spoiled by them."""

    flag: str
    people: int
    crossed: int


def exposures(
    tenants: tuple[str, ...], since: datetime, until: datetime, *, flag: str = ""
) -> tuple[Exposure, ...]:
    """One flag's, or with no flag named all flags', by flag, variant and tenant."""
    rows = engine().rows("exposures", **_span(tenants, since, until), flag=flag)
    return tuple(Exposure(*row) for row in rows)


def crossed_exposures(
    tenants: tuple[str, ...], since: datetime, until: datetime, *, flag: str = ""
) -> tuple[Crossed, ...]:
    rows = engine().rows("exposures_crossed", **_span(tenants, since, until), flag=flag)
    return tuple(Crossed(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class Exposures:
    """Who met a flag: rows of variant, tenant, people and evaluations; people by variant; people in all."""

    rows: tuple[tuple[str, str, int, int], ...]
    by_variant: tuple[tuple[str, int], ...]
    people: int
    evaluations: int


def flag_exposures(flag: str, since: datetime, until: datetime) -> Exposures:
    """Count evaluations of a flag by variant and tenant; a person counts once in each sum."""
    found = engine().rows("flag_exposures", flag=flag, since=milliseconds(since), until=milliseconds(until))
    rows = tuple((v, t, int(p), int(n)) for v, t, p, n, any_variant, any_tenant in found if not any_tenant)
    by_variant = tuple(
        (v, int(p)) for v, _, p, _, any_variant, any_tenant in found if any_tenant and not any_variant
    )
    people = next((int(p) for _, _, p, _, any_variant, _ in found if any_variant), 0)
    return Exposures(rows, by_variant, people, sum(n for *_, n in rows))


def first_variants(
    flag: str, tenants: tuple[str, ...], people: Collection[str], since: datetime, until: datetime
) -> dict[str, dict[str, int]]:
    """Count by tenant which variant of a flag each of these people met first in the span."""
    found: dict[str, dict[str, int]] = {}
    rows = engine().rows("first_variants", **_span(tenants, since, until), flag=flag, people=sorted(people))
    for tenant, variant, n in rows:
        found.setdefault(tenant, {})[variant] = int(n)
    return found


def flags_asked(since: datetime, until: datetime) -> dict[str, str]:
    """Return when each flag was last evaluated."""
    rows = engine().rows("flags_asked", since=milliseconds(since), until=milliseconds(until))
    return {flag: at.isoformat() for flag, at in rows}


def _span(tenants: tuple[str, ...], since: datetime, until: datetime) -> dict[str, Any]:
    return {"tenants": list(tenants), "since": milliseconds(since), "until": milliseconds(until)}
