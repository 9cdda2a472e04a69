"""What time brings to cases: warnings, breaches, escalations. Each is an event of the case, written once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from companyos.work.cases.actions.refusals import Refused
from companyos.work.cases.actions.writing import change
from companyos.work.cases.domain.due import Saying, sayings_to_come
from companyos.work.cases.domain.runs import ClockPolicy
from companyos.work.cases.domain.types import SOFTWARE, Event, EventKind
from companyos.work.cases.models import Case
from companyos.work.cases.queries.calendars import calendar_of_squad
from companyos.work.cases.queries.definitions import definition_of
from companyos.work.cases.queries.log import clock_events
from companyos.work.cases.queries.people import told_by_role

_WORDS = {EventKind.WARNED: "nearly over", EventKind.BREACHED: "over", EventKind.ESCALATED: "over, escalated"}


def look_at_clocks(*, now: datetime, limit: int = 100) -> int:
    """Warn, note breaches and escalate what is due; says how many cases it changed. Safe to call at any time."""
    due = Case.objects.across_tenants(because="time passes in every tenant").filter(look_at__lte=now)
    ids = list(due.order_by("look_at").values_list("id", flat=True)[:limit])
    return sum(_let_time_speak(str(case), now) for case in ids)


def _let_time_speak(case: str, now: datetime) -> bool:
    spoke = False

    def decide(row: Case) -> Sequence[Event]:
        nonlocal spoke
        definition = definition_of(row.type, row.type_version)
        events = clock_events([row.pk]).get(row.pk, ())
        coming = sayings_to_come(
            definition.clocks, definition.escalations, events, calendar_of_squad(row.squad)
        )
        due = [each for each in coming if each.at <= now]
        spoke = bool(due)
        if not due:  # a calendar or a pause moved it
            later = coming[0].at if coming else None
            Case.objects.of(row.tenant_id).filter(pk=row.pk, version=row.version).update(look_at=later)
        return [_event(each, definition.clocks, told_by_role(row, each.to), now) for each in due]

    try:
        change(case, decide, now=now)
    except Refused:
        return False  # it is busy: looked at again at the next turn
    return spoke


def _event(saying: Saying, policies: tuple[ClockPolicy, ...], hearer: str, now: datetime) -> Event:
    limit = next(p.limit for p in policies if p.name == saying.clock)
    hours = limit.total_seconds() / 3600
    because = f"The {hours:g} h to {_ASKS[saying.clock]} are {_WORDS[saying.kind]} ({saying.share:.0%})"
    because += "" if hearer else "; nobody is told: no squad has it"
    body = {
        "clock": saying.clock,
        "run": saying.run,
        "share": saying.share,
        "to": saying.to,
        "because": because,
    }
    return Event(saying.kind, SOFTWARE, now, body)


_ASKS = {"triage": "triage it", "plan": "a plan", "fix": "fix it"}
