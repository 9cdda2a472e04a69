"""People use the feature itself: requests asked and answered over HTTP, beside the events of the same cases.

Whom to ask is the server's to say; who acts, and when, is as the case's course has it. The path is the one the
server took by the person's flag; where that is not the path the evaluation gave, the report counts it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from companyos.adoption.rollouts.rehearsal.cases import Case, StepDone
from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.desk import Desk
from companyos.adoption.rollouts.rehearsal.dice import Dice, log_normal
from companyos.adoption.rollouts.rehearsal.events import moment

_IN_FIVE_WEEKS = 250  # a plan takes seven weeks or more to its end, and has its 300 then
REQUEST_TYPE = "expense-declaration"
_MEDIAN_AMOUNT, _SIGMA = 60.0, 1.1
_MOST_ANSWERS = 12


def every_nth(cases: int, *, all_of_them: bool) -> int:
    """Which cases go through the feature: every n-th, so that they are spread over all stages."""
    return 1 if all_of_them else max(1, cases // _IN_FIVE_WEEKS)


@dataclass(slots=True)
class Sent:
    """A request on the server, as its last answer had it."""

    id: str
    status: str
    asked: list[str]
    fields: dict[str, Any]


@dataclass(slots=True)
class Feature:
    """Carries chosen cases through requests. `stage` is where the rollout stands; empty before Prep."""

    desk: Desk
    dice: Dice
    every: int
    requests: int = 0
    acts: int = 0
    other_path: int = 0
    by_stage: Counter[str] = field(default_factory=Counter)
    by_path: Counter[str] = field(default_factory=Counter)
    by_status: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _begun: int = 0
    _sent: dict[str, Sent] = field(default_factory=dict)

    def takes(self, stage: str) -> bool:
        """Tell whether the next case goes through the feature; nothing does before Prep."""
        if not stage:
            return False
        self._begun += 1
        return self._begun % self.every == 0 or self.every == 1

    async def act(self, done: list[StepDone], stage: str) -> None:
        """Do what a slice's steps did, in the feature: cases at the same time, the steps of one in order."""
        by_case: dict[str, list[StepDone]] = {}
        for step in done:
            by_case.setdefault(step.case.name, []).append(step)
        await asyncio.gather(*(self._act(steps, stage) for steps in by_case.values()))

    def counts(self) -> dict[str, Any]:
        """The figures of the report."""
        return {
            "feature_requests": self.requests,
            "feature_acts": self.acts,
            "feature_by_stage": dict(sorted(self.by_stage.items())),
            "feature_by_path": dict(sorted(self.by_path.items())),
            "feature_by_status": dict(sorted(self.by_status.items())),
            "feature_on_another_path": self.other_path,
            "feature_refused": dict(sorted(self.refused.items())),
        }

    async def _act(self, steps: list[StepDone], stage: str) -> None:
        for step in steps:
            sent = self._sent.get(step.case.name)
            if sent is None:
                await self._ask(step.case, stage)
            else:
                await self._go_on(step, sent)
            if step.is_last and (sent := self._sent.pop(step.case.name, None)):
                self.by_status[sent.status] += 1

    async def _ask(self, case: Case, stage: str) -> None:
        fields = fields_of(self.dice, case.name, case.began_ms)
        body = {"type": REQUEST_TYPE, "tenant": case.submitter.tenant, "fields": fields, "key": case.name}
        answer = await self.desk.post("/requests", case.submitter, body)
        if not answer.ok:
            self.refused[f"ask: {answer.status}"] += 1
            return
        said = answer.json()
        self.requests += 1
        self.by_stage[stage] += 1
        self.by_path[said["path"]] += 1
        self.other_path += said["path"] != case.path
        self._sent[case.name] = Sent(said["id"], said["status"], _people(said), fields)

    async def _go_on(self, step: StepDone, sent: Sent) -> None:
        """Do in the feature what the log's step was; a step that the chain does not have is nobody's act here."""
        verb, _, role = step.kind.partition("_")
        author = step.case.submitter
        if verb == "approve" and sent.status == "open":
            await self._answer(sent, "approve", step)
        elif verb == "reject" and role != "employee" and sent.status == "open":
            await self._answer(sent, "return", step)
        elif verb == "submit" and sent.status == "returned":
            await self._post(sent, "resubmit", author, {"fields": sent.fields, "note": "changed"})
        elif step.kind == "payment_handled":
            await self._finish(sent, step)
        if step.is_last and sent.status == "returned":
            await self._post(sent, "withdraw", author, {"note": "given up"})

    async def _finish(self, sent: Sent, step: StepDone) -> None:
        for _ in range(_MOST_ANSWERS):
            if sent.status != "open":
                break
            await self._answer(sent, "approve", step)
        if sent.status == "approved":
            clerk = self._someone_of("administration", step.case)
            await self._post(sent, "carry-out", clerk, {"note": "paid"})

    async def _answer(self, sent: Sent, act: str, step: StepDone) -> None:
        if not sent.asked:
            return
        drawn = self.dice.one(step.case.name, str(step.number), act)
        who = self.desk.company.person(sorted(sent.asked)[int(drawn * len(sent.asked))])
        await self._post(sent, act, who, {"note": "as the receipts show"})

    async def _post(self, sent: Sent, act: str, who: Person, body: dict[str, Any]) -> None:
        answer = await self.desk.post(f"/requests/{sent.id}/{act}", who, body)
        if not answer.ok:
            self.refused[f"{act}: {answer.status}"] += 1
            return
        said = answer.json()
        self.acts += 1
        sent.status, sent.asked = said["status"], _people(said)

    def _someone_of(self, role: str, case: Case) -> Person:
        holders = [p for p in self.desk.company.people if p.role == role and p is not case.submitter]
        return holders[int(self.dice.one(case.name, role) * len(holders))]


def fields_of(dice: Dice, case: str, at_ms: int) -> dict[str, Any]:
    """Return what a person fills in for a case: drawn by its name, the same whoever asks."""
    amount = log_normal(dice.one(case, "amount"), median=_MEDIAN_AMOUNT, sigma=_SIGMA)
    return {
        "purpose": f"Rehearsed {case}",
        "amount": round(min(max(amount, 1.0), 5000.0), 2),
        "spent_on": moment(at_ms).date().isoformat(),
    }


def _people(said: dict[str, Any]) -> list[str]:
    return [each["person"] for each in said["asked"]]
