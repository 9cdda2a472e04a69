"""The driver's line to the server: flags, events and the clock, and the pace at which it is used."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from companyos.adoption.rollouts.rehearsal.cases import EXISTING, UNIFIED
from companyos.adoption.rollouts.rehearsal.client import Answer, Client, NoAnswer
from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.order import BASELINE_WEEKS, DriveFailed, Keys, Order
from companyos.adoption.rollouts.rehearsal.providers import Providers, context_of
from companyos.kernel.business_time import WorkingCalendar

_PACED_WEEKS = BASELINE_WEEKS + 6
_MOST_REFUSALS_OF_EVENTS = 30
_LONGEST_RETRY_AFTER_S = 5.0


class Link:
    """Sends what a slice holds and moves the server's clock; `now` is where that clock stands."""

    def __init__(
        self,
        client: Client,
        keys: Keys,
        order: Order,
        calendar: WorkingCalendar,
        tell: Callable[[str], None],
        again: Callable[[datetime], None] | None = None,
    ) -> None:
        """`again` starts a server that died, at a time of the rehearsal, and returns once it listens."""
        self._again, self._dies = again, False
        self._client, self._keys, self._order, self._calendar = client, keys, order, calendar
        self._tell = tell
        self.providers = Providers(client, keys.server_key, _followers(order))
        self.now = order.starts_at.astimezone(UTC)
        self.evaluations = self.acked = self.refused = 0
        self._served = -1
        self.on_restart: Callable[[], None] = lambda: None
        self._began = time.monotonic()

    async def evaluate(self, person: Person) -> tuple[str, str]:
        """The path and the variant a person's flag gives; the existing path while there is no such flag."""
        path = f"/ofrep/v1/evaluate/flags/{self._order.workforce.flag}"
        answer = await self._client.post(path, self._keys.server_key, {"context": context_of(person)})
        self.evaluations += 1
        if answer.status == 404:
            return EXISTING, EXISTING
        if not answer.ok:
            raise DriveFailed(f"The flag cannot be evaluated: {answer.status} {answer.why()}")
        said = answer.json()
        taken = UNIFIED if said.get("value") is True else EXISTING
        return taken, str(said.get("variant") or taken).lower()

    async def send(self, body: bytes) -> None:
        """Send events until the server has them; it asks for patience while it cannot write."""
        for _ in range(_MOST_REFUSALS_OF_EVENTS):
            answer = await self._client.post("/v1/events", self._keys.server_key, body)
            if answer.status not in (503, 507):
                return self._count(answer.status, answer.json(), answer.why())
            await asyncio.sleep(_seconds(answer.headers.get("retry-after", "")))
        raise DriveFailed("The server cannot store events: its disk may be full. Make room and start again.")

    def _count(self, status: int, said: Any, why: str) -> None:
        if status not in (202, 207) or not isinstance(said, dict):
            raise DriveFailed(f"The server refused a slice's events: {status} {why}")
        self.acked += int(said.get("accepted", 0)) + int(said.get("duplicates", 0))
        self.refused += len(said.get("quarantined") or ())

    async def set_clock(self, now: datetime, *, look: bool) -> None:
        """Move the time of the rehearsal to `now`, and let the programs catch up with a change it brought.

        `look`: gates are judged. Guardrails are at every move.
        """
        written = now.astimezone(UTC).isoformat().replace("+00:00", "Z")
        answer = await self._post_clock({"now": written, "look": look})
        if not answer.ok:
            raise DriveFailed(f"The clock cannot be set to {written}: {answer.status} {answer.why()}")
        self.now = now
        await self.wait_for_providers(int((answer.json() or {}).get("ruleset_version") or 0))
        await self._keep_pace()

    async def let_the_controller_die(self) -> None:
        """Ask the server to end with its next decision written and nothing of it sent."""
        answer = await self._client.post("/rehearsal/v1/crash", self._keys.clock_key, {})
        if not answer.ok or self._again is None:
            raise DriveFailed(f"Nobody could start the server again: {answer.status} {answer.why()}")
        self._dies = True

    async def _post_clock(self, body: dict[str, Any]) -> Answer:
        try:
            return await self._client.post("/rehearsal/v1/clock", self._keys.clock_key, body)
        except NoAnswer:
            if not self._dies or self._again is None:
                raise
        self._dies = False
        await asyncio.to_thread(self._again, self.now)
        self.on_restart()
        self._tell("the controller was killed with its decision written and nothing sent; it runs again")
        return await self._client.post("/rehearsal/v1/clock", self._keys.clock_key, body)

    async def wait_for_providers(self, version: int) -> None:
        """Let nobody lag behind a change: what a slice's evaluations see must not depend on wall time."""
        if version > self._served:
            self._served = version
            if not await self.providers.reach(version):
                self._tell(f"some programs do not serve version {version} of the flags yet")

    async def _keep_pace(self) -> None:
        if self._order.pace_seconds is None:
            return
        start = self._order.starts_at
        whole = self._calendar.working_time_between(start, start + timedelta(weeks=_PACED_WEEKS))
        share = self._calendar.working_time_between(start, self.now) / whole
        ahead = self._began + share * self._order.pace_seconds - time.monotonic()
        if ahead > 0:
            await asyncio.sleep(ahead)


def _followers(order: Order) -> tuple[Person, ...]:
    """One person for each program, spread over the company."""
    wanted = order.workforce.providers
    return order.people[:: max(1, len(order.people) // max(1, wanted))][:wanted]


def _seconds(retry_after: str) -> float:
    return min(float(retry_after), _LONGEST_RETRY_AFTER_S) if retry_after.isdigit() else 1.0
