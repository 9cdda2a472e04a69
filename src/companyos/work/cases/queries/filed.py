"""What some people filed within a time: for rooms above that count it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from companyos.work.cases.domain.types import Phase
from companyos.work.cases.models import Case

_COUNTS = "figures over every tenant; the cases themselves are shown to those who may read them"
_TAKEN_UP = frozenset({Phase.ACCEPTED, Phase.PLANNED, Phase.WORKING, Phase.DONE, Phase.RELEASED})


@dataclass(frozen=True, slots=True)
class FiledCase:
    """A case somebody opened. `can_be_repeated`: it says the steps, or the page it came from told what was there."""

    id: str
    label: str
    title: str
    type: str
    phase: Phase
    reporter: str
    opened_at: datetime
    merged: bool
    can_be_repeated: bool

    @property
    def is_taken_up(self) -> bool:
        """Whether it was accepted or fixed for itself, not as another one's duplicate."""
        return self.phase in _TAKEN_UP and not self.merged


def opened_by(people: Collection[str], since: datetime, until: datetime) -> tuple[FiledCase, ...]:
    """Return what these people opened from one moment to another, in order."""
    rows = Case.objects.across_tenants(because=_COUNTS).filter(
        reporter_id__in=list(people), opened_at__gte=since, opened_at__lte=until
    )
    return tuple(
        FiledCase(
            str(row.pk), f"{row.tenant_id}-{row.number}", row.title, row.type, Phase(row.phase), row.reporter_id,
            row.opened_at, bool(row.merged_into), bool(row.fields.get("steps") or row.context),
        )
        for row in rows.order_by("opened_at", "id")
    )  # fmt: skip
