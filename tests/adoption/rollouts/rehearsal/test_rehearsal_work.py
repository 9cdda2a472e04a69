"""Work keeps the log's durations, gives events in their slice and in order, and depends on the seed alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from companyos.adoption.rollouts.rehearsal.arrivals import Arrival
from companyos.adoption.rollouts.rehearsal.company import Company, Person
from companyos.adoption.rollouts.rehearsal.courses import Course, Step
from companyos.adoption.rollouts.rehearsal.dice import Dice
from companyos.adoption.rollouts.rehearsal.events import Event, bodies, milliseconds
from companyos.adoption.rollouts.rehearsal.fault import Regression
from companyos.adoption.rollouts.rehearsal.order import Fault
from companyos.adoption.rollouts.rehearsal.profile import stored_profile
from companyos.adoption.rollouts.rehearsal.work import Work
from companyos.adoption.rollouts.rehearsal.workforce import Workforce

MADRID = ZoneInfo("Europe/Madrid")
START = milliseconds(datetime(2026, 11, 9, 8, tzinfo=UTC))
QUARTER = 900_000
COURSE = Course(
    (
        Step("X SUBMITTED by EMPLOYEE", "EMPLOYEE"),
        Step("X APPROVED by SUPERVISOR", "SUPERVISOR"),
        Step("Pay", ""),
    ),
    (0.0, 36.0, 90_000.0),
)


def work_of(
    workforce: Workforce,
    people: tuple[Person, ...],
    seed: int = 1,
    more: Callable[[Person, str], float] | None = None,
) -> Work:
    return Work(
        workforce,
        Company(people),
        Dice(seed),
        zone=MADRID,
        more_failures=more or (lambda _person, _path: 0.0),
    )


def played(work: Work, cases: int, *, path: str = "existing", course: Course | None = None) -> list[Event]:
    """Run everything to its end, slice by slice, checking that each event lies in its slice and in order."""
    profile, dice, events = stored_profile(), Dice(1), []
    for n in range(cases):
        arrival = Arrival(START + n * 60_000, f"c{n}", course or profile.sample(dice, f"c{n}"), from_log=True)
        work.begin(arrival, work.submitter_of(arrival), path=path, variant=path)
    while (at := work.next_ms) is not None:
        begin = at // QUARTER * QUARTER
        some = work.events_until(begin + QUARTER)
        times = [milliseconds(event.time) for event in some]
        assert all(begin <= time < begin + QUARTER for time in times)
        assert times == sorted(times)
        events += some
    return events


def test_durations_inside_a_case_are_kept(workforce: Workforce, people: tuple[Person, ...]) -> None:
    events = played(work_of(workforce, people), 1, course=COURSE)
    done = [e.time for e in events if e.event in ("task_completed", "service_step")]
    assert [(at - done[0]).total_seconds() for at in done] == [0.0, 36.0, 90_000.0]


def test_every_case_begins_and_closes_once(workforce: Workforce, people: tuple[Person, ...]) -> None:
    work = work_of(workforce, people)
    counts = Counter(event.event for event in played(work, 400))
    assert counts["case_started"] == counts["case_closed"] == counts["feature_flag.evaluation"] == 400
    assert (work.begun, work.closed, work.open_cases) == (400, 400, 0)


def test_ids_never_repeat_and_tasks_add_up(workforce: Workforce, people: tuple[Person, ...]) -> None:
    events = played(work_of(workforce, people), 400)
    assert len({event.id for event in events}) == len(events)
    started = Counter(e.task for e in events if e.event == "task_started")
    completed = Counter(e.task for e in events if e.event == "task_completed")
    assert set(completed.values()) == set(started.values()) == {1}
    given_up = started.keys() - completed.keys()
    assert 0.01 < len(given_up) / len(completed) < 0.05
    assert all(task.endswith("-given-up") for task in given_up)


def test_equal_seeds_give_equal_events(workforce: Workforce, people: tuple[Person, ...]) -> None:
    one, same, other = (bodies(played(work_of(workforce, people, seed), 50)) for seed in (5, 5, 6))
    assert one == same
    assert one != other


def test_a_task_counts_for_the_submitter_and_names_who_did_it(
    workforce: Workforce, people: tuple[Person, ...]
) -> None:
    events = [e for e in played(work_of(workforce, people), 200) if e.event == "task_completed"]
    roles = {person.slug: person.role for person in people}
    for event in events:
        if event.kind in ("submit_employee", "save_employee", "reject_employee"):
            assert event.props["by"] == event.actor
        else:
            assert event.props["by"] != event.actor
    approvers = {roles[str(e.props["by"])] for e in events if e.kind == "approve_administration"}
    assert approvers == {"administration"}


@pytest.mark.parametrize(
    ("kind", "struck", "fails", "slow"),  # by path: existing, unified
    [
        ("regression", True, (False, True), (False, False)),
        ("regression", False, (False, False), (False, False)),
        ("latency", True, (False, False), (False, True)),
        ("local-incident", True, (True, True), (False, False)),
        ("local-incident", False, (False, False), (False, False)),
        ("shared-incident", False, (True, True), (False, False)),
    ],
)
def test_whom_a_fault_strikes_and_on_which_path(
    workforce: Workforce,
    people: tuple[Person, ...],
    kind: str,
    struck: bool,
    fails: tuple[bool, bool],
    slow: tuple[bool, bool],
) -> None:
    fault, person = Regression(Fault.parse(f"{kind}@expand"), workforce.fault), people[0]
    entered = datetime(2026, 11, 9, 9, tzinfo=UTC)
    fault.sees(at_stage("pilot"), entered)
    if not struck:
        fault.exposes(person)
    fault.sees(at_stage("expand"), entered)
    fault.exposes(person)
    paths = ("existing", "unified")
    assert tuple(fault.more_failures(person, path) > 0 for path in paths) == fails
    assert tuple(fault.slower(person, path) > 1 for path in paths) == slow
    fault.sees(at_stage("expand"), entered + timedelta(days=2))
    still = tuple(fault.more_failures(person, path) > 0 for path in paths)
    assert still == (fails if kind == "regression" else (False, False)), "an incident is over after a day"


def at_stage(stage: str) -> Any:
    return SimpleNamespace(stage=stage, status="active", in_shadow=False)


def test_what_a_fault_adds_is_seen_in_the_work(workforce: Workforce, people: tuple[Person, ...]) -> None:
    work = work_of(workforce, people, more=lambda _, path: 0.5 if path == "unified" else 0.0)
    assert sum(e.event == "task_failed" for e in played(work, 200, path="existing")) < 40
    assert work.failures == []
    assert sum(e.event == "task_failed" for e in played(work, 200, path="unified")) > 200
    assert work.failures
    usual, slow = work_of(workforce, people), work_of(workforce, people)
    slow._slower = lambda _, path: 5.0 if path == "unified" else 1.0
    middle = [median(e.props["latency_ms"] for e in played(each, 100, path="unified") if e.event == "task_completed")
              for each in (usual, slow)]  # fmt: skip
    assert middle[1] > 4 * middle[0]


@pytest.mark.parametrize(("done", "factor"), [(0, 1.25), (4, 1.125), (8, 1.0), (100, 1.0)])
def test_a_person_learns(workforce: Workforce, done: int, factor: float) -> None:
    assert workforce.paths.unified.learning.factor(done) == pytest.approx(factor)
    assert workforce.paths.existing.learning.factor(done) == 1
