"""What the people on the new path say about it: bugs they report, surveys they answer, and who fixes the bugs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from typing import Any
from urllib.parse import quote

from companyos.adoption.rollouts.rehearsal.cases import Failure
from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.desk import Desk
from companyos.adoption.rollouts.rehearsal.dice import Dice, within
from companyos.adoption.rollouts.rehearsal.order import DriveFailed
from companyos.adoption.rollouts.rehearsal.rollout import Rollout
from companyos.adoption.rollouts.rehearsal.workforce import Workforce
from companyos.kernel.business_time import WorkingCalendar

_COMMENTS = {
    5: "Quicker than before.",
    4: "Works well.",
    3: "Fine, no difference.",
    2: "Confusing at first.",
    1: "",
}


@dataclass(frozen=True, slots=True, order=True)
class Repair:
    """A reported bug and when it will be fixed."""

    due: datetime
    bug: str
    on_call: bool


class Users:
    """Bug reports, fixes and survey answers, with counts for the report."""

    def __init__(self, desk: Desk, calendar: WorkingCalendar, dice: Dice) -> None:
        self._desk = desk
        self._calendar = calendar
        self._dice = dice
        self._on_call: list[Repair] = []
        self._in_hours: list[Repair] = []
        self._first_use: dict[str, datetime] = {}
        self._asked: dict[str, set[str]] = {}  # person -> stages in which a survey reached them
        self._polled_on: date | None = None
        self.counts = {"bugs_reported": 0, "bugs_fixed": 0, "surveys_seen": 0, "surveys_answered": 0}

    @property
    def _workforce(self) -> Workforce:
        return self._desk.order.workforce

    @property
    def next_on_call(self) -> datetime | None:
        """When somebody on call fixes a bug next."""
        return self._on_call[0].due if self._on_call else None

    def exposes(self, person: Person, at: datetime) -> None:
        self._first_use.setdefault(person.slug, at)

    async def report_bugs(self, failures: list[Failure], now: datetime) -> None:
        """Report some of the failures since the last hour."""
        for failure in failures:
            drawn = self._dice.eight(failure.task, "bug")
            if drawn[0] < self._workforce.bugs.reported:
                await self._report(failure, drawn, now)

    async def _report(self, failure: Failure, drawn: tuple[float, ...], now: datetime) -> None:
        severity, person = self._severity(drawn[1]), failure.submitter
        bug = {
            "type": "bug",
            "feature": self._workforce.feature,
            "tenant": person.tenant,
            "severity": severity,
            "title": f"{failure.kind.replace('_', ' ').capitalize()} failed",
            "body": f"Case {failure.case}, task {failure.task}: the product answered with an error.",
        }
        answer = await self._desk.post("/cases", person, bug)
        self._desk.note(now, person, f"report bug {severity}", bug["title"], answer)
        if answer.ok:
            self.counts["bugs_reported"] += 1
            self._plan_the_fix(_text(answer.json(), "id"), severity, drawn[2], now)

    def _severity(self, draw: float) -> str:
        shares = sorted(self._workforce.bugs.severities.items())
        for severity, share in shares:
            if draw < share:
                return severity
            draw -= share
        return shares[-1][0]

    def _plan_the_fix(self, bug: str, severity: str, draw: float, now: datetime) -> None:
        minutes = round(within(draw, *self._workforce.bugs.fixed_after_hours) * 60)
        on_call = severity in self._workforce.bugs.on_call
        queue = self._on_call if on_call else self._in_hours
        heappush(queue, Repair(now + timedelta(minutes=minutes), bug, on_call))

    async def fix_bugs(self, now: datetime, *, in_hours: bool) -> None:
        """Resolve what is fixed by now; outside working hours only what somebody on call sees to."""
        for queue in (self._on_call, self._in_hours) if in_hours else (self._on_call,):
            while queue and queue[0].due <= now:
                await self._fix(heappop(queue), now)

    async def _fix(self, repair: Repair, now: datetime) -> None:
        who = self._a_squad_member(repair)
        body = {"resolution": "Fixed and verified with the person who reported it"}
        answer = await self._desk.post(f"/cases/{quote(repair.bug, safe='')}/resolve", who, body)
        self._desk.note(now, who, "resolve bug", body["resolution"], answer)
        self.counts["bugs_fixed"] += answer.ok

    def _a_squad_member(self, repair: Repair) -> Person:
        squad = [p for p in self._desk.company.people if p.team == self._workforce.bugs.fixed_by]
        if not squad:
            return self._desk.squad_lead
        return squad[int(self._dice.one(repair.due.isoformat(), "fixed by") * len(squad))]

    async def answer_surveys(self, rollout: Rollout, now: datetime) -> None:
        """Once a day, look for invitations: people who were never asked, and all while a survey is awaited."""
        today = now.astimezone(self._calendar.zone).date()
        if self._polled_on == today or rollout.is_over:
            return
        self._polled_on = today
        awaited = any(gate.kind == "survey" and gate.verdict != "passed" for gate in rollout.gates)
        stage = f"{rollout.stage}/{rollout.attempt}"
        people = [p for p in self._people_to_ask(now, today) if self._may_be_asked(p, stage, awaited=awaited)]
        seen = await asyncio.gather(*(self._look_for_surveys(person, stage) for person in people))
        for person, invitations in zip(people, seen, strict=True):
            for invitation in invitations:
                await self._answer(person, invitation)

    def _people_to_ask(self, now: datetime, today: date) -> list[Person]:
        days, company = self._workforce.surveys.asked_after_working_days, self._desk.company
        used = [company.person(slug) for slug in sorted(self._first_use)]
        return [
            person
            for person in used
            if company.is_there(person, today)
            and self._calendar.add_working_days(self._first_use[person.slug], days) <= now
        ]

    def _may_be_asked(self, person: Person, stage: str, *, awaited: bool) -> bool:
        asked = self._asked.get(person.slug)
        return not asked or (awaited and stage not in asked)

    async def _look_for_surveys(self, person: Person, stage: str) -> list[dict[str, Any]]:
        answer = await self._desk.get("/me/surveys", person)
        if not answer.ok:
            raise DriveFailed(f"{person.slug} cannot see their surveys: {answer.status} {answer.why()}")
        invitations: list[dict[str, Any]] = answer.json() or []
        if invitations:
            self._asked.setdefault(person.slug, set()).add(stage)
        return invitations

    async def _answer(self, person: Person, invitation: dict[str, Any]) -> None:
        self.counts["surveys_seen"] += 1
        surveys = self._workforce.surveys
        drawn = self._dice.eight(person.slug, _text(invitation, "survey"), "survey")
        if drawn[0] >= surveys.response:
            return
        satisfied = drawn[1] < surveys.satisfied
        score = (4 if drawn[2] < 0.5 else 5) if satisfied else 1 + int(drawn[2] * 3)
        number = quote(_text(invitation, "invitation"), safe="")
        body = {"score": _on_its_scale(score, invitation), "comment": _COMMENTS[score]}
        answer = await self._desk.post(f"/surveys/invitations/{number}/answer", person, body)
        self.counts["surveys_answered"] += answer.ok


def _on_its_scale(score: int, invitation: dict[str, Any]) -> int:
    """A score from 1 to 5 on the scale of the question: 4 and 5 of five are 9 and 10 of an NPS."""
    return min(10, score + 5) if invitation.get("kind") == "nps" else score


def _text(body: Any, name: str) -> str:
    try:
        return str(body[name])
    except (KeyError, TypeError):
        raise DriveFailed(f"The server's answer has no '{name}'.") from None
