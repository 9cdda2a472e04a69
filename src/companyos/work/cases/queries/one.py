"""One case, as its reader may see it: what it is, what happened, how its clocks stand and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from companyos.kernel.business_time import WorkingCalendar
from companyos.work.cases.domain.clocks import Reading, calendar_of, readings
from companyos.work.cases.domain.definition import Definition
from companyos.work.cases.domain.measuring import Stretch, stretches
from companyos.work.cases.domain.runs import runs_of
from companyos.work.cases.domain.state import State, state_of
from companyos.work.cases.domain.types import Event, EventKind
from companyos.work.cases.models import ActionPlan, Case, CaseFile, Link
from companyos.work.cases.queries.calendars import calendar_of_squad
from companyos.work.cases.queries.definitions import definition_of
from companyos.work.cases.queries.family import members_of, voters_of, watchers_of
from companyos.work.cases.queries.inbox import CaseLine, line_of
from companyos.work.cases.queries.log import history
from companyos.work.cases.queries.people import may_read, may_work_on, squad_of

_BY_ID = "the reader is judged against the case itself"
_TALK = frozenset({EventKind.COMMENTED, EventKind.ASKED_REPORTER})


@dataclass(frozen=True, slots=True)
class PlanRow:
    n: int
    owner: str
    steps: tuple[str, ...]
    due: date
    proposed_by: str
    proposed_at: datetime
    accepted_by: str
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class FileRow:
    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class LinkRow:
    number: int
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class MergedRow:
    """A case that this one carries, with its own words."""

    line: CaseLine
    body: str
    comments: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    line: CaseLine
    definition: Definition
    body: str
    fields: Mapping[str, Any]
    context: Mapping[str, str]
    state: State
    events: tuple[Event, ...]
    clocks: tuple[Reading, ...]
    calendar: WorkingCalendar
    plans: tuple[PlanRow, ...]
    links: tuple[LinkRow, ...]
    files: tuple[FileRow, ...]
    merged: tuple[MergedRow, ...]
    hidden_merged: int  # of tenants that the reader may not see
    carrier: CaseLine | None
    voters: frozenset[str]
    watchers: frozenset[str]
    may_work: bool
    in_squad: bool


def find(case: str) -> Case | None:
    try:
        key = UUID(case)
    except ValueError:
        return None
    return Case.objects.across_tenants(because=_BY_ID).filter(pk=key).first()


def id_of_label(label: str) -> str:
    """Return the id of a case by its label, as corporate-12; what is no label stays as it is."""
    tenant, _, number = label.rpartition("-")
    if not tenant or not number.isdecimal() or len(number) > 9:
        return label
    row = Case.objects.of(tenant).filter(number=int(number)).first()
    return str(row.pk) if row else label


def detail(case: str, viewer: str, now: datetime) -> Detail | None:
    """Return a case for its reader; None when it is not there, or not for them."""
    row = find(case)
    if row is None or not may_read(row, viewer):
        return None
    definition, calendar = definition_of(row.type, row.type_version), calendar_of_squad(row.squad)
    events = tuple(event for _, event in history(row))
    family = members_of(row)
    shown = tuple(each for each in family if may_read(each, viewer))
    carrier = find(row.merged_into) if row.merged_into else None
    return Detail(
        line=line_of(row),
        definition=definition,
        body=row.body,
        fields=row.fields,
        context=row.context,
        state=state_of(events),
        events=events,
        clocks=readings(definition.clocks, events, calendar, now),
        calendar=calendar,
        plans=tuple(_plan(p) for p in ActionPlan.objects.of(row.tenant_id).filter(case=row).order_by("-n")),
        links=tuple(
            LinkRow(each.pk, each.kind, each.target)
            for each in Link.objects.of(row.tenant_id).filter(case=row, ended_at=None).order_by("id")
        ),
        files=tuple(
            FileRow(str(f.pk), f.name, f.size)
            for f in CaseFile.objects.of(row.tenant_id).filter(case=row).order_by("at", "id")
        ),
        merged=tuple(_merged(each) for each in shown),
        hidden_merged=len(family) - len(shown),
        carrier=line_of(carrier) if carrier and may_read(carrier, viewer) else None,
        voters=voters_of(row),
        watchers=watchers_of(row),
        may_work=may_work_on(row, viewer),
        in_squad=viewer in squad_of(row.squad),
    )


def explained(found: Detail, clock: str, run: int, now: datetime) -> tuple[Stretch, ...]:
    """Return every piece of one run of a clock and whether it counts; nothing for a clock that it does not have."""
    for policy in found.definition.clocks:
        for each in runs_of(policy, found.events):
            if (policy.name, each.n) == (clock, run):
                return stretches(each, calendar_of(policy, found.calendar), now)
    return ()


def _plan(p: ActionPlan) -> PlanRow:
    return PlanRow(
        p.n, p.owner, tuple(p.steps), p.due, p.proposed_by, p.proposed_at, p.accepted_by, p.accepted_at
    )


def _merged(row: Case) -> MergedRow:
    return MergedRow(line_of(row), row.body, tuple(event for _, event in history(row) if event.kind in _TALK))
