"""`POST /rehearsal/v1/clock`: the only way time moves in a rehearsal. Its routes exist nowhere else."""

from __future__ import annotations

import asyncio
import hmac
import json
from concurrent.futures import Executor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.jobs import apply_due
from companyos.adoption.telemetry import paging
from companyos.kernel.clock import VirtualClock
from companyos.platform import outbox
from companyos.work.approvals.jobs import look_at_clocks
from companyos.work.cases.jobs import look_at_case_clocks
from companyos.work.roadmap.jobs import close_windows

if TYPE_CHECKING:
    from companyos.cli.process import Process


CLOCK, CRASH = "/rehearsal/v1/clock", "/rehearsal/v1/crash"


class RehearsalClock:
    """Applies everything acknowledged, runs the tick that is due, then sets the clock.

    Gates are judged whenever a working hour is full, unless the driver says that nobody looks (`"look": false`).
    """

    def __init__(self, process: Process, key: str, executor: Executor) -> None:
        self._process, self._key, self._executor = process, key, executor
        self._clock = cast("VirtualClock", process.clock)
        self._dies_at_a_decision = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = await _whole_body(receive)
        if scope["method"] != "POST":
            return await _answer(send, 405, {"error": "Only POST moves the clock, or ends the server."})
        if not self._may(scope):
            return await _answer(send, 401, {"error": "The clock needs this run's own key."})
        if scope["path"] == CRASH:
            self._dies_at_a_decision = True
            return await _answer(
                send, 202, {"dies": "with the next decision written, and nothing of it sent"}
            )
        if scope["path"] != CLOCK:
            return await _answer(send, 404, {"error": f"A rehearsal has {CLOCK} and {CRASH}."})
        try:
            said = json.loads(body)
            now = datetime.fromisoformat(said["now"]).astimezone(UTC)
        except (ValueError, KeyError, TypeError):
            return await _answer(send, 400, {"error": 'Send {"now": "a moment with its zone, RFC 3339"}.'})
        if now < self._clock.now():
            return await _answer(send, 409, {"error": f"Time does not go back: it is {self._clock.now()}."})
        await self._process.own_edge.take_handed_in()
        loop = asyncio.get_running_loop()
        return await _answer(
            send,
            200,
            await loop.run_in_executor(self._executor, self._move_to, now, bool(said.get("look", True))),
        )

    def _may(self, scope: Any) -> bool:
        given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        return hmac.compare_digest(given.encode(), f"Bearer {self._key}".encode())

    def _move_to(self, now: datetime, looks: bool) -> dict[str, int]:
        process = self._process
        process.tail.flush()
        outbox.relay()  # what a server that died had written and not sent
        gates = looks and self._a_working_hour_is_full(now)
        if gates:
            process.drain.catch_up()
        apply_due(now)
        process.dies_after_a_write = self._dies_at_a_decision
        process.controller.tick(now, gates=gates)
        process.dies_after_a_write = False
        if gates:
            process.controller.foretell(now)
            look_at_clocks(now)
            look_at_case_clocks(now)
            close_windows(now)
            process.heads_ups.look_if_due(now)
            paging.look(now=now)
        self._clock.set(now)
        return {
            "applied_offset": process.tail.applied_offset,
            "drained_offset": process.drain.drained_offset,
            "ruleset_version": flags.latest_version(),
        }

    def _a_working_hour_is_full(self, now: datetime) -> bool:
        """Tell whether a full hour of the company's working time lies after where the clock stands and up to `now`."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        return hour > self._clock.now() and self._process.calendar.is_working_time(hour)


async def _whole_body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _answer(send: Any, status: int, content: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
