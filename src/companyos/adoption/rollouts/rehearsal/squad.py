"""What the squad does about differences in shadow: says which are meant, opens a bug for the others, fixes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from companyos.adoption.rollouts.rehearsal.beside import WORKFLOW, Beside
from companyos.adoption.rollouts.rehearsal.desk import Desk
from companyos.adoption.rollouts.rehearsal.order import DriveFailed
from companyos.adoption.rollouts.rehearsal.rollout import Rollout, SeenGate

SHADOW_GATE = "shadow_mismatch"


@dataclass(frozen=True, slots=True)
class Fixing:
    """A difference that is a bug, and when it will be fixed."""

    signature: str
    case: str
    due: datetime


class Squad:
    """Looks at the explorer each morning while pairs differ unexplained, and at once when the gate fails."""

    def __init__(self, desk: Desk, beside: Beside) -> None:
        self._desk, self._beside = desk, beside
        self._fixing: list[Fixing] = []
        self._looked_on: date | None = None
        self.found: list[
            dict[str, Any]
        ] = []  # as the explorer ranked them when the squad first looked at each

    @property
    def _path(self) -> str:
        return f"/shadow/{self._desk.order.workforce.feature}"

    async def act(self, rollout: Rollout, now: datetime) -> bool:
        """Fix what is due, then look at what is new; tell whether anything was done."""
        before = len(self._desk.acts)
        for each in [each for each in self._fixing if each.due <= now]:
            await self._fix(each, now)
        gate = next((gate for gate in rollout.gates if gate.kind == SHADOW_GATE), None)
        if gate is not None and self._is_to_be_looked_at(gate, now):
            self._looked_on = now.date()
            await self._look(now)
        return len(self._desk.acts) > before

    def _is_to_be_looked_at(self, gate: SeenGate, now: datetime) -> bool:
        return bool(gate.value) and (gate.verdict == "failed" or self._looked_on != now.date())

    async def _look(self, now: datetime) -> None:
        answer = await self._desk.get(self._path, self._desk.squad_lead)
        if not answer.ok:
            raise DriveFailed(f"The shadow cannot be looked at: {answer.status} {answer.why()}")
        known = {each.signature for each in self._fixing}
        for rank, each in enumerate(answer.json()["classes"], start=1):
            if not each["is_explained"] and each["signature"] not in known:
                await self._say_what_it_is(rank, each, now)

    async def _say_what_it_is(self, rank: int, each: dict[str, Any], now: datetime) -> None:
        shadow = self._desk.order.workforce.shadow
        meant = next((e for e in shadow.expected if list(e.places) == each["places"]), None)
        self.found.append(
            {
                "at": now.isoformat(),
                "rank": rank,
                "places": each["places"],
                "count": each["count"],
                "score": each["score"],
                "said": "expected" if meant else "bug",
            }
        )
        places = ", ".join(each["places"])
        if meant:
            body = {"kind": "expected", "reason": meant.because}
            await self._post(each["signature"], "marks", body, f"{places}: expected", meant.because, now)
            return
        reason = "The new path does not do what the old one does here"
        said = await self._post(each["signature"], "case", {"reason": reason}, f"{places}: bug", reason, now)
        if said is not None:
            due = now + timedelta(hours=shadow.fixed_after_hours)
            self._fixing.append(Fixing(each["signature"], str(said["case"]), due))

    async def _fix(self, each: Fixing, now: datetime) -> None:
        """Take the difference out of the new path, resolve the case, and say so in the explorer."""
        self._fixing.remove(each)
        self._beside.mend(now)
        done = "Corrected in the chain, and verified on the pairs that differed"
        path = f"/cases/{quote(each.case, safe='')}/resolve"
        answer = await self._desk.post(path, self._desk.squad_lead, {"resolution": done})
        self._desk.note(now, self._desk.squad_lead, "resolve bug", done, answer)
        body = {"kind": "fixed", "reason": done}
        await self._post(each.signature, "marks", body, "difference fixed", done, now)

    async def _post(
        self, signature: str, verb: str, body: dict[str, Any], did: str, because: str, now: datetime
    ) -> Any:
        who = self._desk.squad_lead
        answer = await self._desk.post(f"{self._path}/{WORKFLOW}/{signature}/{verb}", who, body)
        self._desk.note(now, who, did, because, answer)
        return answer.json() if answer.ok else None


def shadow_told(beside: Beside | None, squad: Squad | None) -> dict[str, Any] | None:
    """How the shadow went, for the report; nothing where nobody was in shadow."""
    if beside is None or squad is None or not beside.compared:
        return None
    return {
        "workflow": WORKFLOW,
        "pairs": beside.compared,
        "differed": beside.differed,
        "found": squad.found,
        "planted": beside.as_used(),
    }
