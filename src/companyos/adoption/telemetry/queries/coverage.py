"""Where work ran: of the newest cases of a process, how many on the new path (R1, P13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.adoption.telemetry.queries.connection import engine, milliseconds
from companyos.adoption.telemetry.queries.uptake import OLD_PATH

LOOKS_BACK = timedelta(days=90)
NEWEST = 20


@dataclass(frozen=True, slots=True)
class CasesRan:
    """The newest cases of one kind, at most NEWEST: `here` of `n` did not go the old path."""

    feature: str
    tenant: str
    kind: str
    here: int
    n: int
    last: datetime


def cases_ran(features: Iterable[str], now: datetime) -> tuple[CasesRan, ...]:
    """Return where the newest cases of the last 90 days ran, by feature, tenant and kind."""
    rows = engine().rows(
        "cases_by_path", features=sorted(features), old=OLD_PATH, most=NEWEST,
        since=milliseconds(now - LOOKS_BACK), until=milliseconds(now + timedelta(seconds=1)),
    )  # fmt: skip
    return tuple(
        CasesRan(f, tenant, kind, int(here), int(n), last) for f, tenant, kind, here, n, last in rows
    )
