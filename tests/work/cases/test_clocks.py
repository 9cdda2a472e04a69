"""SLA clocks against a minute-by-minute oracle, over zones, clock changes and holidays (R83, R84, R140)."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companyos.kernel.business_time import EVERY_MOMENT, WorkingCalendar
from companyos.work.cases.domain.clocks import (
    ClockState,
    Reading,
    Situation,
    calendar_of,
    judge,
    readings,
)
from companyos.work.cases.domain.definition import BadType, definition_from
from companyos.work.cases.domain.due import sayings_to_come
from companyos.work.cases.domain.measuring import elapsed, moment_of, stretches
from companyos.work.cases.domain.runs import ClockPolicy, Counts, Pause, Run, runs_of
from companyos.work.cases.domain.types import Event, EventKind

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo", "Asia/Tehran",
         "America/Santiago", "Pacific/Apia", "UTC")  # fmt: skip
CHANGES = ("2023-03-26", "2023-10-29", "2023-04-28", "2023-10-27", "2022-03-22", "2011-12-29", "2024-04-07")
TRIAGE = ClockPolicy("triage", 24 * HOUR)
PLAN = ClockPolicy("plan", 72 * HOUR)
FIX = ClockPolicy("fix", 24 * HOUR, Counts.WALL, frozenset({"sev1", "sev2"}), waits=False)
OFFICE = WorkingCalendar(ZoneInfo("Europe/Madrid"), holidays=frozenset({date(2024, 5, 1)}))
MONDAY = datetime(2024, 4, 29, 9, tzinfo=UTC)

# around the days on which clocks change (Cairo and Tehran change on working days, Apia left one out), and any day
STARTS = st.builds(
    lambda day, minutes: datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-4 * 24 * 60, 2 * 24 * 60),
)
PAUSES = st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 2000)), max_size=3)
CALENDARS = st.builds(
    WorkingCalendar,
    st.sampled_from(ZONES).map(ZoneInfo),
    hours=st.sampled_from([(time(9), time(17)), (time(22), time(0)), (time(0, 30), time(2, 30))]),
    holidays=st.sets(st.sampled_from(CHANGES).map(date.fromisoformat), max_size=3).map(frozenset),
    weekdays=st.sets(st.integers(0, 6), min_size=2).map(frozenset),
)


def minutes_that_count(run: Run, calendar: WorkingCalendar, end: datetime) -> Iterator[datetime]:
    """Look at the wall every minute: work begins when its clock first shows the opening, and ends likewise."""
    opening, closing = calendar.hours
    begun, ended = set[date](), set[date]()
    at = run.started - timedelta(days=2)
    while at < end:
        local = at.astimezone(calendar.zone)
        day, shows = local.date(), local.time()
        begun |= {day} if shows >= opening else set()
        ended |= {day} if closing != time(0) and shows >= closing else set()
        works = day.weekday() in calendar.weekdays and day not in calendar.holidays and day in begun - ended
        waits = any(p.since <= at and (p.until is None or at < p.until) for p in run.pauses)
        if at >= run.started and works and not waits:
            yield at
        at += MINUTE


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STARTS, PAUSES, CALENDARS, st.sampled_from(Counts), st.integers(60, 5 * 24 * 60), st.booleans())
def test_a_clock_is_what_counting_minutes_says_R83(
    start: datetime,
    pauses: list[tuple[int, int]],
    squad: WorkingCalendar,
    counts: Counts,
    length: int,
    open_pause: bool,
) -> None:
    policy = replace(TRIAGE, counts=counts)
    calendar, end = calendar_of(policy, squad), start + length * MINUTE
    told = [Pause(start + a * MINUTE, start + (a + b) * MINUTE, "waiting") for a, b in pauses]
    if open_pause and told:
        told[-1] = replace(told[-1], until=None)
    run = Run("triage", 1, start, "opened", pauses=tuple(told))
    oracle = list(minutes_that_count(run, calendar, end))
    assert elapsed(run, calendar, end) == len(oracle) * MINUTE
    pieces = stretches(run, calendar, end)
    assert (
        sum((p.length for p in pieces if p.counts), timedelta()) == len(oracle) * MINUTE
    )  # explained to the minute
    for before, after in pairwise(pieces):
        assert before.end <= after.start
    for share in (1, len(oracle) // 2, len(oracle)):
        if 0 < share <= len(oracle):
            assert moment_of(run, calendar, share * MINUTE) == oracle[share - 1] + MINUTE
    reading = judge(Situation(policy, run, calendar, end))
    assert (reading.state is ClockState.BREACHED) == (len(oracle) * MINUTE > policy.limit)


@pytest.mark.parametrize(
    ("zone", "opened", "due"),
    [
        ("Europe/Madrid", "2024-04-29 10:00", "2024-04-30 10:00"),  # the same time next working day
        ("Europe/Madrid", "2024-04-30 10:00", "2024-05-02 10:00"),  # over the first of May
        ("Europe/Madrid", "2024-05-03 16:00", "2024-05-06 16:00"),  # over a weekend
        (
            "Europe/Madrid",
            "2024-05-04 16:00",
            "2024-05-07 00:00",
        ),  # Saturday: Monday is the first day that counts
        ("Europe/Madrid", "2024-03-29 16:00", "2024-04-01 16:00"),  # over the Sunday on which clocks change
        (
            "Africa/Cairo",
            "2023-04-27 10:00",
            "2023-04-30 11:00",
        ),  # Friday has 23 h there, and no week begins Monday
    ],
)
def test_24_h_on_working_days_are_the_same_time_next_working_day(zone: str, opened: str, due: str) -> None:
    place = ZoneInfo(zone)
    days = frozenset({0, 1, 2, 3, 4}) if zone != "Africa/Cairo" else frozenset({6, 0, 1, 2, 3})
    calendar = calendar_of(TRIAGE, replace(OFFICE, zone=place, weekdays=days))
    start = datetime.fromisoformat(opened).replace(tzinfo=place).astimezone(UTC)
    run = Run("triage", 1, start, "opened")
    wanted = datetime.fromisoformat(due).replace(tzinfo=place).astimezone(UTC)
    if zone == "Africa/Cairo":
        wanted -= HOUR  # Friday and Saturday are free there: no hour is lost
    assert moment_of(run, calendar, TRIAGE.limit) == wanted


def event(kind: EventKind, hour: float, **body: str) -> Event:
    return Event(kind, "ada", MONDAY + hour * HOUR, body)


OPENED = event(EventKind.OPENED, 0, severity="sev3", phase="new")


def told(policy: ClockPolicy, *events: Event, at: float) -> list[tuple[str, str]]:
    found = readings([policy], (OPENED, *events), OFFICE, MONDAY + at * HOUR)
    return [(each.state, each.rule) for each in found]


def test_rules_in_a_table() -> None:
    triaged = event(EventKind.TRIAGED, 10, severity="sev3", phase="accepted")
    closed = event(EventKind.MOVED, 10, phase="closed")
    asked, answered = event(EventKind.ASKED_REPORTER, 5), event(EventKind.REPORTER_ANSWERED, 15)
    merged, unmerged = event(EventKind.MERGED, 5, into="x"), event(EventKind.UNMERGED, 20)
    severe, mild = (
        event(EventKind.SEVERITY_SET, 3, severity="sev2"),
        event(EventKind.SEVERITY_SET, 8, severity="sev4"),
    )
    worst = event(EventKind.SEVERITY_SET, 6, severity="sev1")
    fixed = event(EventKind.RESOLVED, 20, phase="done")
    again = event(EventKind.REOPENED, 30, phase="accepted")
    cases = [
        (TRIAGE, (), 17.9, ["running"]),
        (TRIAGE, (), 18, ["soon"]),
        (TRIAGE, (), 24, ["soon"]),
        (TRIAGE, (), 24.1, ["breached"]),
        (TRIAGE, (triaged,), 99, ["kept"]),
        (TRIAGE, (replace(triaged, at=MONDAY + 24 * HOUR),), 99, ["kept"]),
        (TRIAGE, (replace(triaged, at=MONDAY + 24.1 * HOUR),), 99, ["missed"]),
        (TRIAGE, (closed,), 99, ["lifted"]),
        (TRIAGE, (replace(closed, at=MONDAY + 30 * HOUR),), 99, ["missed"]),  # closing a late case saves nobody
        (TRIAGE, (asked,), 99, ["paused"]),
        (TRIAGE, (asked, answered), 28, ["soon"]),
        (TRIAGE, (asked, answered), 34.1, ["breached"]),
        (TRIAGE, (merged,), 99, ["paused"]),
        (TRIAGE, (merged, unmerged), 38.9, ["soon"]),
        (FIX, (), 99, []),
        (FIX, (severe,), 26, ["soon"]),
        (FIX, (severe,), 27.1, ["breached"]),
        (FIX, (severe, worst), 27.1, ["breached"]),  # worse does not give it more time
        (FIX, (severe, mild), 99, ["lifted"]),
        (FIX, (severe, asked, answered), 27.1, ["breached"]),  # no pause of a severe bug
        (FIX, (severe, fixed), 99, ["kept"]),
        (FIX, (severe, fixed, again), 53, ["kept", "soon"]),  # a new 24 h from reopening
        (PLAN, (triaged, event(EventKind.PLAN_PROPOSED, 11)), 100, ["breached"]),  # a proposal stops nothing
    ]  # fmt: skip
    for policy, events, at, states in cases:
        assert [state for state, _ in told(policy, *events, at=at)] == states, (policy.name, events, at)


def test_what_a_clock_will_say_is_said_once() -> None:
    definition = definition_from(DOCUMENT)
    come = sayings_to_come(definition.clocks, definition.escalations, (OPENED,), OFFICE)
    assert [(each.kind, each.share) for each in come] == [
        ("warned", 0.75),
        ("breached", 1.0),
        ("escalated", 1.5),
    ]
    said = Event(EventKind.WARNED, "companyos", MONDAY, {"clock": "triage", "run": 1, "share": 0.75})
    assert len(sayings_to_come(definition.clocks, definition.escalations, (OPENED, said), OFFICE)) == 2


DOCUMENT = {
    "slug": "bug",
    "title": "Bug",
    "states": [
        {"state": "new", "title": "New", "phase": "new", "moves": ["done"]},
        {"state": "done", "title": "Done", "phase": "done"},
    ],
    "sla": {"triage": {"hours": 24}, "escalate": [{"at": 1.5, "to": "lead"}]},
}


@pytest.mark.parametrize(
    ("states", "says"),
    [
        ([{"state": "x", "title": "X", "phase": "done"}], "its phase is `new`"),
        ([{"state": "x", "title": "X", "phase": "new", "moves": ["y"]}], "moves to `y`"),
        ([{"state": "x", "title": "X", "phase": "new"}] * 2, "twice"),
        ([{"state": "x", "title": "X", "phase": "new"}], "never end"),
        ([*DOCUMENT["states"], {"state": "z", "title": "Z", "phase": "done"}], "no case ever comes to `z`"),  # type: ignore[misc]
    ],
)
def test_a_table_of_states_that_does_not_hold_together_is_refused(
    states: list[dict[str, object]], says: str
) -> None:
    with pytest.raises(BadType, match=says):
        definition_from({**DOCUMENT, "states": states})


def moment(text: str) -> datetime:
    return (
        datetime.strptime(text, "%d-%m-%Y %H:%M")
        .replace(tzinfo=ZoneInfo("America/Sao_Paulo"))
        .astimezone(UTC)
    )


def incident_events(rows: list[dict[str, str]]) -> tuple[Event, ...]:
    """An incident of the log as events: taken on when somebody is named, waiting while it says so, resolved once."""
    first = rows[0]
    severity = {"1": "sev1", "2": "sev2", "3": "sev3"}.get(first["priority"][:1], "sev4")
    events = [
        Event(EventKind.OPENED, "caller", moment(first["opened_at"]), {"severity": severity, "phase": "new"})
    ]
    triaged = waiting = False
    for row in rows:
        at = max(moment(row["sys_updated_at"]), events[-1].at)
        if not triaged and row["assigned_to"] != "?":
            events.append(
                Event(EventKind.TRIAGED, row["assigned_to"], at, {"phase": "accepted", "severity": severity})
            )
            triaged = True
        if row["incident_state"] == "Awaiting User Info" and not waiting:
            events.append(Event(EventKind.ASKED_REPORTER, row["sys_updated_by"], at))
            waiting = True
        elif waiting and row["incident_state"] != "Awaiting User Info":
            events.append(Event(EventKind.REPORTER_ANSWERED, "caller", at))
            waiting = False
        if row["incident_state"] == "Resolved" and events[-1].kind is not EventKind.RESOLVED:
            events.append(Event(EventKind.RESOLVED, row["resolved_by"], at, {"phase": "done"}))
        elif row["incident_state"] in {"Active", "New"} and events[-1].kind is EventKind.RESOLVED:
            events.append(Event(EventKind.REOPENED, row["sys_updated_by"], at, {"phase": "accepted"}))
    return tuple(events)


def test_890_real_incidents_replay_with_every_clock_explained(shared: Path) -> None:
    """Each clock's explained hours add up to its time, and none is left without a verdict."""
    file = shared / "data" / "incidents" / "uci_incident_event_log_subset.csv.gz"
    by_incident: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(gzip.decompress(file.read_bytes()).decode())):
        by_incident.setdefault(row["number"], []).append(row)
    assert len(by_incident) == 890
    squad = WorkingCalendar(
        ZoneInfo("America/Sao_Paulo"), holidays=frozenset({date(2016, 3, 25), date(2016, 4, 21)})
    )
    now, counted = datetime(2017, 3, 1, tzinfo=UTC), 0
    for rows in by_incident.values():
        events = incident_events(rows)
        for policy in (TRIAGE, PLAN, FIX):
            for run in runs_of(policy, events):
                explained(policy, run, squad, now)
                counted += 1
    assert counted >= 2 * 890


def explained(policy: ClockPolicy, run: Run, squad: WorkingCalendar, now: datetime) -> None:
    calendar = calendar_of(policy, squad)
    reading: Reading = judge(Situation(policy, run, calendar, now))
    pieces = stretches(run, calendar, now)
    assert sum((p.length for p in pieces if p.counts), timedelta()) == reading.elapsed
    assert sum((p.length for p in pieces), timedelta()) == (run.ended or now) - run.started
    assert all(piece.why for piece in pieces)
    assert reading.because.startswith(("severity", "waiting")) or " of " in reading.because
    if reading.state is ClockState.KEPT:
        assert reading.due_at is None or run.ended is None or run.ended <= reading.due_at


def test_the_wall_clock_counts_everything() -> None:
    assert EVERY_MOMENT.working_time_between(MONDAY, MONDAY + 100 * HOUR) == 100 * HOUR
