"""The work itself: takes cases up step by step and gives the events of a slice of time, in order.

Only the next step of each open case is planned, so memory follows the open cases and not the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from companyos.adoption.rollouts.rehearsal.arrivals import Arrival
from companyos.adoption.rollouts.rehearsal.cases import UNIFIED, Case, Failure, Planned, StepDone
from companyos.adoption.rollouts.rehearsal.company import Company, Person
from companyos.adoption.rollouts.rehearsal.courses import SERVICE
from companyos.adoption.rollouts.rehearsal.dice import Dice, log_normal, within
from companyos.adoption.rollouts.rehearsal.events import Event, moment
from companyos.adoption.rollouts.rehearsal.workforce import Workforce

MOST_ATTEMPTS = 4
SUBMITTER = "submitter"
_SHORTEST_HANDLING_S, _LONGEST_HANDLING_S = 20.0, 7200.0
_GIVEN_UP_S = (300.0, 3600.0)
_HOUR_MS = 3_600_000
_ERRORS = ("timeout", "validation", "conflict")
NO_TROUBLE = 0.0


class Work:
    """Every open case and the events to come. A fault may add failures for a submitter on a path, or slow answers."""

    def __init__(
        self,
        workforce: Workforce,
        company: Company,
        dice: Dice,
        *,
        zone: ZoneInfo,
        more_failures: Callable[[Person, str], float] = lambda _person, _path: NO_TROUBLE,
        slower: Callable[[Person, str], float] = lambda _person, _path: 1.0,
    ) -> None:
        self._workforce = workforce
        self._company = company
        self._dice = dice
        self._zone = zone
        self._more_failures, self._slower = more_failures, slower
        self._planned: list[tuple[int, int, Planned]] = []
        self._events: list[tuple[int, int, Event]] = []
        self._made = 0
        self._experience: Counter[str] = Counter()
        self._today: tuple[int, date] = (-1, date.min)
        self.failures: list[Failure] = []
        self.done: list[StepDone] = []
        self.begun = 0
        self.closed = 0

    @property
    def open_cases(self) -> int:
        return self.begun - self.closed

    @property
    def next_ms(self) -> int | None:
        """When something happens next, in epoch milliseconds; None when no case is open."""
        times = [heap[0][0] for heap in (self._planned, self._events) if heap]
        return min(times) if times else None

    def submitter_of(self, arrival: Arrival) -> Person:
        return self._company.someone(self._dice, self._day(arrival.at_ms), arrival.case, "submitter")

    def begin(
        self, arrival: Arrival, submitter: Person, *, path: str, variant: str, in_feature: bool = False
    ) -> None:
        """Begin a case on the path its submitter's flag gave."""
        case = Case(arrival.case, submitter, path, arrival.course, arrival.at_ms, in_feature)
        self.begun += 1
        self._emit(arrival.at_ms, case, "case_started")
        self._emit(
            arrival.at_ms + 1, case, "feature_flag.evaluation", path=variant, kind=self._workforce.flag
        )
        self._plan(case, 0, not_before=arrival.at_ms + 2)

    def events_until(self, end_ms: int) -> list[Event]:
        """Do what is to be done before `end_ms` and give its events in time order."""
        planned, events, ready = self._planned, self._events, []
        while planned and planned[0][0] < end_ms:
            self._do(heappop(planned)[2])
        while events and events[0][0] < end_ms:
            ready.append(heappop(events)[2])
            self.closed += ready[-1].event == "case_closed"
        return ready

    def _day(self, at_ms: int) -> date:
        hour = at_ms // _HOUR_MS
        if self._today[0] != hour:
            self._today = (hour, moment(at_ms).astimezone(self._zone).date())
        return self._today[1]

    def _plan(self, case: Case, number: int, *, not_before: int) -> None:
        step = case.step(number)
        if step.role == SERVICE and number > 0:
            at = case.done_ms(number)
            return self._put(Planned(case, number, max(at, not_before), None, None, 0, ()))
        draws = self._dice.eight(case.name, str(number))
        by = self._who_does(case, number, not_before)
        handling = self._handling_ms(case, by, draws[2])
        pause = self._pause_ms(case, draws)
        if number == 0:
            case.first_done_ms = not_before + pause + handling
        done = case.done_ms(number)
        starts = min(max(not_before, done - handling - pause), done)
        anew = min(starts + pause, done) if pause else None
        return self._put(Planned(case, number, starts, anew, by, handling, draws))

    def _put(self, planned: Planned) -> None:
        self._made += 1
        heappush(self._planned, (planned.starts_ms, self._made, planned))

    def _who_does(self, case: Case, number: int, at_ms: int) -> Person:
        log_role = case.step(number).role
        role = self._workforce.log_roles.get(log_role, SUBMITTER if log_role == SERVICE else "supervisor")
        if role == SUBMITTER:
            return case.submitter
        day = self._day(at_ms)
        return self._company.someone_as(
            role, self._dice, day, case.name, str(number), "by", but=case.submitter
        )

    def _handling_ms(self, case: Case, by: Person, draw: float) -> int:
        path = self._workforce.on(case.path)
        seconds = log_normal(draw, median=path.handling_seconds_p50, sigma=path.handling_sigma)
        if case.path == UNIFIED:
            seconds *= path.learning.factor(self._experience[by.slug])
        return int(min(max(seconds, _SHORTEST_HANDLING_S), _LONGEST_HANDLING_S) * 1000)

    def _pause_ms(self, case: Case, draws: tuple[float, ...]) -> int:
        if draws[3] >= self._workforce.on(case.path).abandonment:
            return 0
        return int(within(draws[4], *_GIVEN_UP_S) * 1000)

    def _do(self, planned: Planned) -> None:
        case, number = planned.case, planned.step
        done = case.done_ms(number)
        if case.in_feature:
            self.done.append(StepDone(case, number, case.step(number).kind, case.is_last(number)))
        if planned.by is None:
            done = max(done, planned.starts_ms)
            self._emit(done, case, "service_step", kind=case.step(number).kind, step=number, service=True)
        else:
            self._do_the_task(planned, planned.by, done)
        if case.is_last(number):
            hours = round((done - case.began_ms) / _HOUR_MS, 3)
            self._emit(done + 1, case, "case_closed", value=hours)
        else:
            self._plan(case, number + 1, not_before=planned.starts_ms)

    def _do_the_task(self, planned: Planned, by: Person, done: int) -> None:
        case, number = planned.case, planned.step
        kind, task = case.step(number).kind, f"{case.name}-{number}"
        starts = planned.starts_ms
        if planned.begins_anew_ms is not None:
            self._emit(starts, case, "task_started", kind=kind, task=f"{task}-given-up", by=by, step=number)
            starts = planned.begins_anew_ms
        self._emit(starts, case, "task_started", kind=kind, task=task, by=by, step=number)
        failed = self._failed_attempts(case, number, planned.draws[0])
        for attempt in range(failed):
            at = starts + (done - starts) * (attempt + 1) // (failed + 1)
            self._fail(case, kind, task, by, at, number, attempt)
        self._complete(planned, by, done, kind, task)

    def _complete(self, planned: Planned, by: Person, done: int, kind: str, task: str) -> None:
        case, draws = planned.case, planned.draws
        seconds, latency = round(planned.handling_ms / 1000, 1), self._latency_ms(case, draws[1])
        step = planned.step
        self._emit(done, case, "task_completed", kind=kind, task=task, by=by, step=step, value=seconds, latency_ms=latency)  # fmt: skip  # noqa: E501
        if case.path == UNIFIED:
            self._experience[by.slug] += 1
        if draws[5] < self._workforce.policy_violations:
            self._emit(done, case, "policy_violation", kind=kind, task=task, by=by, step=step)

    def _failed_attempts(self, case: Case, number: int, draw: float) -> int:
        chance = self._workforce.on(case.path).failure + self._more_failures(case.submitter, case.path)
        failed = 0
        while draw < chance and failed < MOST_ATTEMPTS - 1:
            failed += 1
            draw = self._dice.one(case.name, str(number), "again", str(failed))
        return failed

    def _fail(self, case: Case, kind: str, task: str, by: Person, at: int, number: int, attempt: int) -> None:
        drawn = self._dice.eight(task, "failed", str(attempt))
        error = _ERRORS[int(drawn[0] * len(_ERRORS))]
        latency = self._latency_ms(case, drawn[1])
        self._emit(at, case, "task_failed", kind=kind, task=task, by=by, step=number, attempt=attempt, error=error, latency_ms=latency)  # fmt: skip  # noqa: E501
        if attempt == 0 and case.path == UNIFIED:
            self.failures.append(Failure(task, case.submitter, case.name, kind, at))

    def _latency_ms(self, case: Case, draw: float) -> float:
        path = self._workforce.on(case.path)
        median = path.latency_ms_p50 * self._slower(case.submitter, case.path)
        return round(log_normal(draw, median=median, sigma=path.latency_sigma), 1)

    def _emit(
        self,
        at_ms: int,
        case: Case,
        name: str,
        *,
        path: str | None = None,
        kind: str = "",
        task: str = "",
        by: Person | None = None,
        step: int = 0,
        attempt: int = 0,
        value: float | None = None,
        service: bool = False,
        **props: float | str,
    ) -> None:
        self._made += 1
        event = Event(
            id=self._dice.uuid(case.name, name, task, str(step), str(attempt)),
            event=name,
            time=moment(at_ms),
            tenant=case.submitter.tenant,
            actor="" if service else case.submitter.slug,
            feature=self._workforce.feature,
            path=case.path if path is None else path,
            kind=kind,
            case=case.name,
            task=task,
            value=value,
            props=props if by is None else {"by": by.slug, **props},
        )
        heappush(self._events, (at_ms, self._made, event))
