"""How a person reaches the management API: with their own key, and every act on record."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from companyos.adoption.rollouts.rehearsal.client import Answer, Client
from companyos.adoption.rollouts.rehearsal.company import Company, Person
from companyos.adoption.rollouts.rehearsal.order import DriveFailed, Keys, Order
from companyos.adoption.rollouts.rehearsal.rollout import Rollout, rollout_from

_STALE = 409
_ASKED_FIRST = 202


@dataclass(slots=True)
class Desk:
    """Requests in somebody's name. `acts` tells who did what, and what the server said to it."""

    client: Client
    keys: Keys
    order: Order
    company: Company
    acts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lead(self) -> Person:
        return self.holder_of("program_lead")

    @property
    def squad_lead(self) -> Person:
        return self.holder_of("squad_lead")

    def holder_of(self, role: str) -> Person:
        """Who holds a role of the program. Raises DriveFailed when nobody does."""
        name = self.order.workforce.roles.get(role, role)
        person = self.company.who_acts_for(name)
        if person is None:
            raise DriveFailed(
                f"Nobody holds the role {role}: '{name}' is no team and no person of the company."
            )
        return person

    async def rollout(self) -> Rollout:
        """Look at the rollout. Raises DriveFailed."""
        answer = await self.get(f"/rollouts/{self.order.plan}", self.lead)
        if not answer.ok:
            raise DriveFailed(f"The rollout cannot be looked at: {answer.status} {answer.why()}")
        try:
            return rollout_from(answer.json())
        except ValueError as error:
            raise DriveFailed(f"The rollout's answer is not what this driver reads: {error}") from error

    async def get(self, path: str, who: Person) -> Answer:
        return await self.client.get(f"/api/v1{path}", self._key_of(who))

    async def post(self, path: str, who: Person, body: dict[str, Any]) -> Answer:
        return await self.client.post(f"/api/v1{path}", self._key_of(who), body)

    async def move(self, verb: str, who: Person, reason: str, now: datetime) -> bool:
        """Start, pause, resume, advance: look at the version, move, and look once more if it went stale."""
        answer = await self._try_to(verb, who, reason)
        if answer.status == _STALE:
            answer = await self._try_to(verb, who, reason)
        self.note(now, who, verb, reason, answer)
        if answer.status == _ASKED_FIRST:
            return await self._agree(answer.json()["asked"], who, now)
        return answer.ok

    async def _agree(self, request: str, asker: Person, now: datetime) -> bool:
        """Another of the plan looks at what is asked and agrees: then the server makes the move."""
        asked = (await self.get(f"/requests/{request}", asker)).json()["asked"]
        if not asked:
            return False  # answered meanwhile
        other = self.company.person(sorted(each["person"] for each in asked)[0])
        answer = await self.post(f"/requests/{request}/approve", other, {"note": "agreed"})
        self.note(now, other, "agree", "a move past open gates", answer)
        return answer.ok

    async def _try_to(self, verb: str, who: Person, reason: str) -> Answer:
        version = (await self.rollout()).version
        return await self.post(
            f"/rollouts/{self.order.plan}/{verb}", who, {"reason": reason, "version": version}
        )

    def note(self, now: datetime, who: Person, did: str, because: str, answer: Answer) -> None:
        """Record an act; a refusal with the server's words."""
        act = {"at": now.isoformat(), "who": who.slug, "did": did, "because": because}
        self.acts.append(act if answer.ok else {**act, "refused": f"{answer.status} {answer.why()}"})

    def _key_of(self, who: Person) -> str:
        try:
            return self.keys.people[who.slug]
        except KeyError:
            raise DriveFailed(f"There is no key for {who.slug}. Set the rehearsal up again.") from None
