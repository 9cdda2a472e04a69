"""What has shipped, and who may know where it came from (R6, R108)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from companyos.work.cases.domain.types import Origin
from companyos.work.cases.models import Case, ShippedChange
from companyos.work.cases.queries.definitions import definition_of

_TOLD = "who may know of a change follows from who may read its cases"
COMPANY, TENANT = "company", "tenant"


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change that reached its users. Its title may be that of a case, so `tenants` says whose it is (empty: all)."""

    id: str
    feature: str
    title: str
    link: str
    origin: Origin
    cases: tuple[str, ...]
    tenants: tuple[str, ...]
    at: datetime


def changes(since: datetime, until: datetime) -> tuple[ChangeRow, ...]:
    """Return what shipped after `since`, up to `until`, the oldest first; without what only a squad may read."""
    rows = list(ShippedChange.objects.filter(at__gt=since, at__lte=until).order_by("at", "id"))
    cases = _cases(key for row in rows for key in row.cases)
    told = ((row, _tenants([cases[key] for key in row.cases if key in cases])) for row in rows)
    return tuple(
        ChangeRow(
            str(row.pk), row.feature, row.title, row.link, Origin(row.origin), tuple(row.cases), tenants, row.at
        )
        for row, tenants in told
        if tenants is not None
    )  # fmt: skip


def _cases(keys: Iterable[str]) -> Mapping[str, Case]:
    wanted = {key for key in keys if _is_id(key)}
    rows = Case.objects.across_tenants(because=_TOLD).filter(pk__in=wanted) if wanted else ()
    return {str(row.pk): row for row in rows}


def _tenants(cases: list[Case]) -> tuple[str, ...] | None:
    """Return whose members may read one of these cases (empty: everybody); None where nobody may but a squad."""
    seen = {row: definition_of(row.type, row.type_version).sees for row in cases}
    if not cases or COMPANY in seen.values():
        return ()
    return tuple(sorted({row.tenant_id for row, sees in seen.items() if sees == TENANT})) or None


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
