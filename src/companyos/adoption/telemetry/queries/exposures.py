"""Who met which variant of which flag (R95)."""

from __future__ import annotations

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


def _span(tenants: tuple[str, ...], since: datetime, until: datetime) -> dict[str, Any]:
    return {"tenants": list(tenants), "since": milliseconds(since), "until": milliseconds(until)}
