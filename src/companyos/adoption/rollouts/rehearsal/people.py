"""What people do about the rollout, once each working hour: look, then act through the management API."""

from __future__ import annotations

from datetime import date, datetime

from companyos.adoption.rollouts.rehearsal.company import Company, Person
from companyos.adoption.rollouts.rehearsal.desk import Desk
from companyos.adoption.rollouts.rehearsal.fault import Regression
from companyos.adoption.rollouts.rehearsal.rollout import Rollout, SeenGate, SeenTask
from companyos.adoption.rollouts.rehearsal.workforce import Workforce
from companyos.kernel.business_time import WorkingCalendar

WITHOUT_PROOF = "advanced without proof"
TESTS_PAGING = "test-paging"


class Leads:
    """The lead, the owners of tasks, the holders of roles and the squad lead."""

    def __init__(self, desk: Desk, calendar: WorkingCalendar, regression: Regression) -> None:
        self._desk = desk
        self._calendar = calendar
        self._regression = regression
        self._tried: set[tuple[str, date]] = set()
        self._resumed_on: date | None = None
        self._begun_afresh = False
        self._in_doubt_since: dict[tuple[str, int], datetime] = {}
        self._failing_since: dict[tuple[str, int], datetime] = {}

    @property
    def _workforce(self) -> Workforce:
        return self._desk.order.workforce

    @property
    def _company(self) -> Company:
        return self._desk.company

    async def act(self, rollout: Rollout, now: datetime) -> bool:
        """Do what is to be done about the rollout as just seen; tell whether anything was."""
        before = len(self._desk.acts)
        if rollout.status == "planned":
            await self._desk.move("start", self._desk.lead, "Prep begins as planned", now)
        elif rollout.status == "rolled_back":
            await self._repair(now)
        elif not rollout.is_over:
            await self._do_tasks(rollout, now)
            await self._approve(rollout, now)
            if not await self._mend_the_line(rollout, now):
                await self._judge(rollout, now)
        return len(self._desk.acts) > before

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._calendar.zone).date()

    def _first_try_today(self, what: str, now: datetime) -> bool:
        key = (what, self._today(now))
        first = key not in self._tried
        self._tried.add(key)
        return first

    async def _do_tasks(self, rollout: Rollout, now: datetime) -> None:
        for task in rollout.tasks:
            if self._is_to_be_done(task, rollout, now):
                await self._do_the_task(task, now)

    def _is_to_be_done(self, task: SeenTask, rollout: Rollout, now: datetime) -> bool:
        if task.cadence == "daily":
            last = task.last_done_at
            return last is None or self._today(last) < self._today(now)
        if task.done or rollout.entered_at is None:
            return False
        days = self._workforce.days_until_done(task.slug)
        return now >= self._calendar.add_working_days(rollout.entered_at, days)

    async def _do_the_task(self, task: SeenTask, now: datetime) -> None:
        owner = task.owner
        who = self._company.who_acts_for(self._workforce.roles.get(owner, owner)) or self._desk.lead
        if not self._company.is_there(who, self._today(now)) or not self._first_try_today(task.slug, now):
            return
        if task.slug == TESTS_PAGING:
            await self._test_paging(who, now)
        note = {"note": "Done in the rehearsal", "link": ""}
        answer = await self._desk.post(f"/rollouts/{self._desk.order.plan}/tasks/{task.slug}", who, note)
        self._desk.note(now, who, f"task {task.slug}", task.cadence, answer)

    async def _test_paging(self, who: Person, now: datetime) -> None:
        """Send a test page on every route that can page whoever does it, and acknowledge it: this row is measured."""
        for route in (await self._desk.get("/alerts/routes", who)).json():
            if who.slug not in route["people"]:
                continue
            sent = await self._desk.post(f"/alerts/routes/{route['slug']}/test", who, {})
            self._desk.note(now, who, "test page", str(route["title"]), sent)
            if sent.ok:
                path = f"/alerts/{sent.json()['alert']}/acknowledge"
                self._desk.note(
                    now, who, "acknowledge", "the page arrived", await self._desk.post(path, who, {})
                )

    async def _approve(self, rollout: Rollout, now: datetime) -> None:
        because = self._why_approve(rollout, now)
        for approval in rollout.approvals:
            who = self._desk.holder_of(approval.role)
            there = self._company.is_there(who, self._today(now))
            if approval.approved or because is None or not there:
                continue
            if self._first_try_today(f"approve {approval.role}", now):
                body = {"role": approval.role, "note": because}
                path = f"/rollouts/{self._desk.order.plan}/approvals"
                self._desk.note(
                    now, who, f"approve as {approval.role}", because, await self._desk.post(path, who, body)
                )

    def _why_approve(self, rollout: Rollout, now: datetime) -> str | None:
        others = [gate for gate in rollout.awaited if gate.kind != "approval"]
        if any(gate.verdict == "failed" for gate in others):
            return None
        if all(gate.verdict == "inconclusive" for gate in others):
            return "no other gate is pending or failed"
        days = self._workforce.approvals.working_days_before_due
        if rollout.due_at and self._calendar.working_days_between(now, rollout.due_at) <= days:
            return "the stage is about to end and no gate has failed"
        return None

    async def _judge(self, rollout: Rollout, now: datetime) -> None:
        """Take back what goes on failing; resume a pause whose reason is gone; wait out missing proof for a while."""
        if failed := rollout.with_verdict("failed"):
            await self._take_back_what_lasts(rollout, failed, now)
            return
        self._failing_since.pop((rollout.stage, rollout.attempt), None)
        if rollout.in_shadow:
            if rollout.status == "paused":  # nobody is on, so waiting for pairs harms nobody
                await self._resume(now, "no gate fails, and pairs go on coming")
            return
        if rollout.is_due(now) and rollout.with_verdict("inconclusive"):
            await self._wait_or_advance(rollout, now)
        elif rollout.status == "paused":
            await self._resume(now, "no gate fails any more")

    async def _take_back_what_lasts(
        self, rollout: Rollout, failed: tuple[SeenGate, ...], now: datetime
    ) -> None:
        blamed = [gate for gate in failed if gate.kind in self._workforce.takes_back_for]
        since = self._failing_since.setdefault((rollout.stage, rollout.attempt), now)
        days = self._workforce.patience.failed_working_days
        if not blamed or now < self._calendar.add_working_days(since, days):
            return
        reason = f"still failing after {days} working days: {', '.join(gate.name for gate in blamed)}"
        if self._first_try_today("roll back", now):
            await self._desk.move("roll-back", self._desk.lead, reason, now)

    async def _wait_or_advance(self, rollout: Rollout, now: datetime) -> None:
        patience = self._workforce.patience.inconclusive_working_days
        names = ", ".join(gate.name for gate in rollout.awaited)
        stage = (rollout.stage, rollout.attempt)
        asked_at = self._in_doubt_since.setdefault(stage, now)
        if now < self._calendar.add_working_days(asked_at, patience):
            if rollout.status == "paused":
                await self._resume(now, f"waiting for proof of {names}")
        elif self._may_be_passed(rollout.awaited) and self._first_try_today("advance", now):
            await self._advance(rollout, f"{WITHOUT_PROOF}: {names} after {patience} working days more", now)

    def _may_be_passed(self, gates: tuple[SeenGate, ...]) -> bool:
        return all(gate.kind in self._workforce.may_advance_past for gate in gates)

    async def _advance(self, rollout: Rollout, reason: str, now: datetime) -> None:
        lead = self._desk.lead
        if not await self._desk.move("advance", lead, reason, now) and rollout.status == "paused":
            await self._desk.move("resume", lead, reason, now)
            await self._desk.move("advance", lead, reason, now)

    async def _resume(self, now: datetime, reason: str) -> None:
        if self._resumed_on == self._today(now):
            return
        self._resumed_on = self._today(now)
        await self._desk.move("resume", self._desk.lead, reason, now)

    async def _repair(self, now: datetime) -> None:
        """Lift the fault a day after it was noticed, record the fix, resume."""
        desk, squad_lead = self._desk, self._desk.squad_lead
        if self._regression.can_be_lifted(now):
            await self._fix(now)
        elif not self._begun_afresh:
            return
        self._begun_afresh = False
        reason = "fixed; evidence starts afresh"
        if not await desk.move("resume", squad_lead, reason, now):
            await desk.move("resume", desk.lead, reason, now)

    async def _mend_the_line(self, rollout: Rollout, now: datetime) -> bool:
        """While a pause stands for a fault of the line nobody resumes; tell whether that is so.

        Where people were out of place, what was counted is not of the plan: the stage is taken back and begun afresh.
        """
        fault = self._regression
        if rollout.status != "paused" or not fault.is_of_the_line or not fault.is_on:
            return False
        if fault.can_be_lifted(now):
            await self._fix(now)
            if fault.spoils_what_was_counted:
                reason = "people outside the cohort were on: what was counted is not of the plan"
                self._begun_afresh = await self._desk.move("roll-back", self._desk.lead, reason, now)
        return True

    async def _fix(self, now: datetime) -> None:
        desk, squad_lead = self._desk, self._desk.squad_lead
        self._regression.lift(now)
        fix = {"summary": self._regression.fix, "link": ""}
        answer = await desk.post(f"/rollouts/{desk.order.plan}/fixes", squad_lead, fix)
        desk.note(now, squad_lead, "fix", fix["summary"], answer)
