"""Changing when a squad works. Every clock is judged by the newest calendar, so a change says what it re-judges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from companyos.kernel.business_time import MONDAY_TO_FRIDAY, WorkingCalendar
from companyos.people.identity import queries as identity
from companyos.work.cases.actions.refusals import NotAllowed, Unclear
from companyos.work.cases.actions.writing import append
from companyos.work.cases.domain.clocks import Reading, readings
from companyos.work.cases.domain.types import Event, EventKind
from companyos.work.cases.models import Case, SquadCalendar
from companyos.work.cases.queries.calendars import calendar_of_squad
from companyos.work.cases.queries.definitions import definition_of
from companyos.work.cases.queries.log import clock_events

MOST_HOLIDAYS = 400


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A clock that a calendar judges differently: its state and deadline before and after."""

    case: str
    label: str
    clock: str
    run: int
    before: str
    after: str
    due_before: datetime | None
    due_after: datetime | None


def calendar_said(
    zone: str,
    holidays: tuple[date, ...] = (),
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY,
    hours: tuple[time, time] = (time(9), time(17)),
) -> WorkingCalendar:
    """Build a calendar from what a person said. Raises Unclear for a zone or hours that are none."""
    if len(holidays) > MOST_HOLIDAYS:
        raise Unclear(f"A calendar takes {MOST_HOLIDAYS} holidays.", "holidays")
    try:
        return WorkingCalendar(ZoneInfo(zone), hours, frozenset(holidays), weekdays)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        raise Unclear(f"That is no calendar: {wrong}. A zone is named as Europe/Madrid.", "zone") from None


def what_it_rejudges(squad: str, calendar: WorkingCalendar, now: datetime) -> tuple[Rejudged, ...]:
    """List every clock of the squad's cases that the calendar would judge differently; changes nothing."""
    before = calendar_of_squad(squad)
    cases = {
        c.pk: c
        for c in Case.objects.across_tenants(because="a squad works for every tenant").filter(squad=squad)
    }
    told: list[Rejudged] = []
    for pk, events in clock_events(cases).items():
        policies = definition_of(cases[pk].type, cases[pk].type_version).clocks
        pairs = zip(
            readings(policies, events, before, now), readings(policies, events, calendar, now), strict=True
        )
        told += [_rejudged(cases[pk], old, new) for old, new in pairs if _differs(old, new)]
    return tuple(told)


def change_calendar(
    *, actor: str, squad: str, calendar: WorkingCalendar, because: str, now: datetime
) -> tuple[Rejudged, ...]:
    """Give a squad a calendar and return what it re-judges; each such case has it in its history.

    The lead of the squad may, or the head of its department. Raises NotAllowed and Unclear.
    """
    team = next((each for each in identity.teams() if each.slug == squad), None)
    if team is None or actor not in {team.lead, identity.heads().get(team.department)}:
        raise NotAllowed("Only the lead of the squad, or the head of its department, changes its calendar.")
    if len(because.strip()) < 3:
        raise Unclear("Say why: it may change what was judged before.", "because")
    with transaction.atomic():
        told = what_it_rejudges(squad, calendar, now)
        newest = SquadCalendar.objects.filter(squad=squad).order_by("-version").first()
        SquadCalendar.objects.create(
            squad=squad,
            version=newest.version + 1 if newest else 1,
            zone=calendar.zone.key,
            weekdays=sorted(calendar.weekdays),
            holidays=sorted(day.isoformat() for day in calendar.holidays),
            opens=calendar.hours[0],
            closes=calendar.hours[1],
            by=actor,
            at=now,
            because=because.strip()[:500],
        )
        _note(actor, told, because, now)
    return told


def _note(actor: str, told: tuple[Rejudged, ...], because: str, now: datetime) -> None:
    """Write into each case what was re-judged, and look at its clocks anew."""
    for case in {each.case for each in told}:
        mine = [each for each in told if each.case == case]
        changes = [
            f"{each.clock}: {each.before} to {each.after}" for each in mine if each.before != each.after
        ]
        row = Case.objects.across_tenants(because="a squad works for every tenant").get(pk=case)
        says = "; ".join(changes) or "deadlines moved"
        from_now = Event(EventKind.REJUDGED, actor, now, {"because": because.strip()[:500], "changes": says})
        append(row, (from_now,), now)


def _differs(old: Reading, new: Reading) -> bool:
    return (old.state, old.elapsed, old.due_at) != (new.state, new.elapsed, new.due_at)


def _rejudged(case: Case, old: Reading, new: Reading) -> Rejudged:
    label = f"{case.tenant_id}-{case.number}"
    return Rejudged(str(case.pk), label, old.clock, old.run, old.state, new.state, old.due_at, new.due_at)
