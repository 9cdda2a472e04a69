"""The lock step: evaluations, events, clock, people; slice by slice, and nothing else moves the time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from companyos.adoption.rollouts.rehearsal.arrivals import Arrival, Arrivals
from companyos.adoption.rollouts.rehearsal.beside import IN_SHADOW, beside_of
from companyos.adoption.rollouts.rehearsal.cases import UNIFIED
from companyos.adoption.rollouts.rehearsal.client import Client
from companyos.adoption.rollouts.rehearsal.company import Company, Person
from companyos.adoption.rollouts.rehearsal.desk import Desk
from companyos.adoption.rollouts.rehearsal.dice import Dice
from companyos.adoption.rollouts.rehearsal.ending import (
    Ending,
    certificate_where_completed,
    final_report,
    same_local_time,
)
from companyos.adoption.rollouts.rehearsal.events import Event, bodies, milliseconds, moment
from companyos.adoption.rollouts.rehearsal.fault import Regression
from companyos.adoption.rollouts.rehearsal.feature import Feature, every_nth
from companyos.adoption.rollouts.rehearsal.line import Line, fault_told
from companyos.adoption.rollouts.rehearsal.link import Link
from companyos.adoption.rollouts.rehearsal.looks import last_look, next_look
from companyos.adoption.rollouts.rehearsal.order import (
    BASELINE_WEEKS,
    FaultKind,
    Keys,
    Order,
    Progress,
)
from companyos.adoption.rollouts.rehearsal.people import Leads
from companyos.adoption.rollouts.rehearsal.profile import Profile
from companyos.adoption.rollouts.rehearsal.report import Ran
from companyos.adoption.rollouts.rehearsal.rollout import Rollout, shadow_said
from companyos.adoption.rollouts.rehearsal.slices import SLICE, ceiled, floored, slice_at
from companyos.adoption.rollouts.rehearsal.squad import Squad, shadow_told
from companyos.adoption.rollouts.rehearsal.users import Users
from companyos.adoption.rollouts.rehearsal.work import Work
from companyos.adoption.rollouts.rehearsal.xes import Log
from companyos.kernel.business_time import WorkingCalendar


@dataclass(slots=True)
class _Counts:
    replayed: int = 0
    sampled: int = 0
    slices: int = 0


class Run:
    """One rehearsal under way."""

    def __init__(
        self,
        order: Order,
        keys: Keys,
        client: Client,
        log: Log | None,
        profile: Profile,
        say: Callable[[Progress], None],
        again: Callable[[datetime], None] | None,
    ) -> None:
        self._order, self._keys, self._client, self._say = order, keys, client, say
        self._log, self._profile = log, profile
        self._calendar = WorkingCalendar(order.zone, order.hours, order.holidays)
        self._prep = same_local_time(order, timedelta(weeks=BASELINE_WEEKS))
        self._ending = Ending(order, self._calendar)
        first_monday = self._prep.astimezone(order.zone).date()
        company = Company(order.people, order.workforce.absences_from(first_monday))
        dice = Dice(order.seed)
        self._regression = Regression(order.fault, order.workforce.fault)
        self._line = Line(self._regression, order.people)
        self._work = Work(
            order.workforce,
            company,
            dice,
            zone=order.zone,
            more_failures=self._regression.more_failures,
            slower=self._regression.slower,
        )
        replayed = log.cases[: order.cases] if log else ()
        size = len(replayed) or order.cases or profile.cases
        self._arrivals = Arrivals(replayed, profile, size=size, hours=order.hours, zone=order.zone, dice=dice)
        self._today: deque[Arrival] = deque()
        self._desk = Desk(client, keys, order, company)
        self._leads = Leads(self._desk, self._calendar, self._regression)
        self._beside = beside_of(order, dice)
        self._squad = Squad(self._desk, self._beside) if self._beside else None
        self._users = Users(self._desk, self._calendar, dice)
        self._feature = Feature(self._desk, dice, every_nth(size, all_of_them=order.all_through_feature))
        self._link = Link(client, keys, order, self._calendar, self._tell, again)
        self._link.on_restart = lambda: self._regression.lift(self._now)
        self._counts = _Counts()
        self._rollout: Rollout | None = None
        self._crash_is_planned = False

    @property
    def _now(self) -> datetime:
        return self._link.now

    async def to_the_end(self) -> Ran:
        async with self._link.providers.listening():
            await self._set_clock(self._now)
            await self._look_around()
            while not self._ending.because:
                await self._one_step()
            certificate = await self._certificate()
            final = {**await final_report(self._desk), "certificate": certificate}
        return self._ran(final)

    async def _one_step(self) -> None:
        """Go on to whatever comes first: a look, a repair by night, or a slice with something in it.

        A slice never reaches beyond a look or a repair.
        """
        look, work = self._next_look(), self._next_slice()
        if work is None or work >= look:
            return await self._reach(look)
        if work > self._now:
            await self._set_clock(work)
        return await self._slice(work)

    async def _reach(self, at: datetime) -> None:
        if at > self._now:
            await self._set_clock(at)
        await self._look_around()

    def _next_slice(self) -> datetime | None:
        times = [self._work.next_ms, self._today[0].at_ms if self._today else None]
        coming = [at for at in times if at is not None]
        if not coming:
            return None
        first = moment(min(coming))
        return max(self._now, floored(first, slice_at(self._calendar, first)))

    async def _set_clock(self, at: datetime) -> None:
        """Before anything is rolled out one look a day is enough."""
        look = self._is_a_look(at) and (self._rollout is not None or self._opens_the_day(at))
        await self._link.set_clock(at, look=look)

    def _next_look(self) -> datetime:
        look = next_look(self._calendar, self._now)
        call = self._users.next_on_call
        return min(look, max(ceiled(call, SLICE), self._now + SLICE)) if call else look

    def _is_a_look(self, at: datetime) -> bool:
        return last_look(self._calendar, at) == at

    async def _slice(self, start: datetime) -> None:
        """One slice: its evaluations at the same time, then its events in order, then the clock."""
        length = slice_at(self._calendar, start)
        end = min(floored(start, length) + length, self._next_look())
        end_ms = milliseconds(end)
        arrivals = []
        while self._today and self._today[0].at_ms < end_ms:
            arrivals.append(self._today.popleft())
        submitters = [self._work.submitter_of(arrival) for arrival in arrivals]
        answers = await asyncio.gather(*(self._link.evaluate(person) for person in submitters))
        for arrival, person, (path, variant) in zip(arrivals, submitters, answers, strict=True):
            self._begin(arrival, person, path, variant)
        events = self._work.events_until(end_ms)
        events += self._beside.events() if self._beside else []
        done, self._work.done = self._work.done, []
        events = self._line.lets_through(events, end)
        await asyncio.gather(self._send(events), self._feature.act(done, self._stage))
        self._counts.slices += 1
        await self._set_clock(end)
        if self._is_a_look(end) or self._on_call_is_due(end):
            await self._look_around()

    async def _send(self, events: list[Event]) -> None:
        for body in bodies(events):
            await self._link.send(body)

    def _on_call_is_due(self, at: datetime) -> bool:
        call = self._users.next_on_call
        return call is not None and call <= at

    @property
    def _stage(self) -> str:
        return self._rollout.stage if self._rollout else ""

    def _begin(self, arrival: Arrival, person: Person, path: str, variant: str) -> None:
        if self._beside and variant in IN_SHADOW:
            self._beside.compare(arrival, person, variant)
        if path == UNIFIED:
            self._regression.exposes(person)
            self._users.exposes(person, moment(arrival.at_ms))
        taken = self._line.path_taken(person, path)
        chosen = self._feature.takes(self._stage) and taken == path
        self._work.begin(arrival, person, path=taken, variant=variant, in_feature=chosen)
        if arrival.from_log:
            self._counts.replayed += 1
        else:
            self._counts.sampled += 1

    async def _look_around(self) -> None:
        """What happens between two slices: the day opens, people look and act."""
        await self._users.fix_bugs(self._now, in_hours=self._calendar.is_working_time(self._now))
        if not self._is_a_look(self._now):
            return
        if self._now >= self._prep:
            await self._people_act()
        if not self._ending.because and self._opens_the_day(self._now):
            self._deal(self._now.astimezone(self._order.zone).date())

    def _opens_the_day(self, at: datetime) -> bool:
        return at.astimezone(self._order.zone).time() == self._order.hours[0]

    def _deal(self, day: date) -> None:
        """The day's cases: of the log from Prep on, unless a rollback delays the plan or the log is used up."""
        delayed = self._rollout is not None and self._rollout.status == "rolled_back"
        if self._now >= self._prep and self._arrivals.log_is_left and not delayed:
            self._today.extend(self._arrivals.of_the_log(day))
        else:
            self._today.extend(self._arrivals.sampled(day))
        self._tell(f"{day:%A} begins with {len(self._today)} cases")

    async def _people_act(self) -> None:
        failures, self._work.failures = self._work.failures, []
        seen = await self._desk.rollout()
        self._look_at(seen)
        await self._plan_a_crash()
        await self._users.report_bugs(failures, self._now)
        if not self._ending.because:
            done = len(self._desk.acts)
            squad = await self._squad.act(seen, self._now) if self._squad else False
            if await self._leads.act(seen, self._now) or squad:
                self._tell_acts(done)
                seen = await self._desk.rollout()
                self._look_at(seen)
            await self._users.answer_surveys(seen, self._now)
        await self._link.wait_for_providers(seen.ruleset_version)

    async def _plan_a_crash(self) -> None:
        if self._regression.kind is FaultKind.CONTROLLER_CRASH and not self._crash_is_planned:
            self._crash_is_planned = True
            await self._link.let_the_controller_die()

    def _look_at(self, rollout: Rollout) -> None:
        before, self._rollout = self._rollout, rollout
        self._regression.sees(rollout, self._now)
        if self._beside:
            self._beside.sees(rollout, self._now)
        if before and before.where != rollout.where:
            self._tell(f"the rollout is {rollout.status} in {rollout.stage}{shadow_said(before, rollout)}")
        self._ending.sees(rollout, self._now)

    def _tell_acts(self, since: int) -> None:
        for act in self._desk.acts[since:]:
            said = f": refused, {act['refused']}" if "refused" in act else ""
            self._tell(f"{act['who']}: {act['did']}{said}")

    def _tell(self, note: str) -> None:
        stage, status = (self._rollout.stage, self._rollout.status) if self._rollout else ("", "baseline")
        self._say(Progress(self._now, stage, status, self._work.begun, self._link.acked, note))

    async def _certificate(self) -> Any:
        done = len(self._desk.acts)
        found = await certificate_where_completed(self._desk, self._rollout, self._now)
        self._tell_acts(done)
        return found

    def _ran(self, final: dict[str, Any]) -> Ran:
        counts = self._counts
        return Ran(
            order=self._order,
            profile=self._profile,
            log=self._log,
            of_the_server=final,
            ended_because=self._ending.because,
            ended_at=self._now,
            acts=self._desk.acts,
            fault=fault_told(self._regression, self._line),
            shadow=shadow_told(self._beside, self._squad),
            counts={
                "cases_replayed": counts.replayed,
                "cases_sampled": counts.sampled,
                "cases_open_at_end": self._work.open_cases,
                "events_acked": self._link.acked,
                "events_refused": self._link.refused,
                "evaluations": self._link.evaluations,
                "slices": counts.slices,
                **self._users.counts,
                **self._feature.counts(),
            },
            reconnects=self._link.providers.reconnects,
        )
