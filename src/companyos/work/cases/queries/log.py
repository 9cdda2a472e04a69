"""The histories of cases, as events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from companyos.work.cases.domain.types import CHANGES_CLOCKS, SAID_BY_CLOCKS, Event, EventKind
from companyos.work.cases.models import Case, CaseEvent

_OF_CLOCKS = [str(kind) for kind in CHANGES_CLOCKS | SAID_BY_CLOCKS]
_READ_BEFORE = "whoever asks for a history was let see its case, or counts without showing it"


def history(row: Case) -> tuple[tuple[int, Event], ...]:
    """Return everything that happened to a case, with its number."""
    events = CaseEvent.objects.of(row.tenant_id).filter(case=row).order_by("n")
    return tuple((each.n, event_of(each)) for each in events)


def clock_events(cases: Iterable[UUID]) -> dict[UUID, tuple[Event, ...]]:
    """Return what matters to the clocks of these cases."""
    rows = CaseEvent.objects.across_tenants(because=_READ_BEFORE).filter(
        case_id__in=list(cases), kind__in=_OF_CLOCKS
    )
    found: dict[UUID, list[Event]] = defaultdict(list)
    for each in rows.order_by("case_id", "n"):
        found[each.case_id].append(event_of(each))
    return {case: tuple(events) for case, events in found.items()}


def event_of(row: CaseEvent) -> Event:
    return Event(EventKind(row.kind), row.by, row.at, row.body)
