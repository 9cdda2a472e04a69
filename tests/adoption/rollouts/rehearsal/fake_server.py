"""A server just real enough to drive against: a clock, flags, events, one rollout of three short stages."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

STAGES = ("prep", "pilot", "expand")
TEAMS_ON = {"prep": set[str](), "pilot": {"people-ops"}, "expand": {"people-ops", "sales", "support"}}
DWELL = timedelta(days=7)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class FakeServer:
    now: datetime = LONG_AGO
    status: str = "planned"
    stage: int = 0
    attempt: int = 1
    version: int = 1
    entered_at: datetime = LONG_AGO
    failures: int = 0
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    evaluations: int = 0
    out_of_time: list[str] = field(default_factory=list)
    backlog: list[dict[str, Any]] = field(default_factory=list)
    clock: list[datetime] = field(default_factory=list)
    posts: Counter[str] = field(default_factory=Counter)
    serving: dict[str, int] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    streams: list[asyncio.StreamWriter] = field(default_factory=list)
    proof_is_missing: bool = False
    failures_that_roll_back: int = 12
    url: str = ""

    @property
    def teams_on(self) -> set[str]:
        if self.status == "planned":
            return set()
        shown = self.stage - 1 if self.status == "rolled_back" else self.stage
        return TEAMS_ON[STAGES[max(0, shown)]]

    def state(self) -> dict[str, Any]:
        running = self.status != "planned"
        return {
            "plan": "p", "version": self.version, "status": self.status, "stage": STAGES[self.stage],
            "attempt": self.attempt, "entered_at": _iso(self.entered_at) if running else None,
            "due_at": _iso(self.entered_at + DWELL) if running else None, "ruleset_version": self.version,
            "paused_by": None, "gates": [
                {"name": "settled", "kind": "dwell", "verdict": "passed" if self.is_due else "pending"},
                {"name": "usability", "kind": "survey",
                 "verdict": "inconclusive" if self.proof_is_missing and self.is_due else "passed"},
            ],
            "tasks": [{"slug": "runbook", "cadence": "once", "owner": "approvals-squad",
                       "done": bool(self.posts["runbook"])}],
            "approvals": [{"role": "grc", "approved": bool(self.posts["approvals"])}],
        }  # fmt: skip

    @property
    def is_due(self) -> bool:
        return self.status != "planned" and self.now >= self.entered_at + DWELL

    def set_clock(self, now: datetime) -> None:
        assert now >= self.now or not self.clock, f"the clock went back from {self.now} to {now}"
        self.out_of_time += [e["id"] for e in self.backlog if not self.clock[-1] <= _at(e["time"]) < now]
        for event in self.backlog:
            self._guard(event)
        self.backlog.clear()
        self.now = now
        self.clock.append(now)
        if self.status == "active" and self.is_due and not self.proof_is_missing:
            self._advance()

    def _guard(self, event: dict[str, Any]) -> None:
        failed = event["event"] == "task_failed" and event["path"] == "unified"
        self.failures += failed and self.status == "active"
        if self.failures >= self.failures_that_roll_back and self.status == "active":
            self.status, self.failures = "rolled_back", 0
            self.changed()

    def _advance(self) -> None:
        if self.stage + 1 == len(STAGES):
            self.status = "completed"
        else:
            self.stage, self.entered_at, self.attempt, self.failures = self.stage + 1, self.now, 1, 0
        self.changed()

    def changed(self) -> None:
        self.version += 1
        for stream in self.streams:
            stream.write(self._message())

    def _message(self) -> bytes:
        data = {"type": "refetchEvaluation", "etag": "x", "version": self.version}
        return b"id: 1\nevent: message\ndata: " + msgspec.json.encode(data) + b"\n\n"

    def answer(self, method: str, path: str, key: str, body: Any) -> tuple[int, Any]:
        if path == "/rehearsal/v1/clock":
            assert key == "clock"
            self.set_clock(_at(body["now"]))
            return 200, {"ruleset_version": self.version}
        if path == "/v1/events":
            return self.take(body["events"])
        if path.startswith("/ofrep/"):
            self.evaluations += path.endswith("approvals.unified")
            value = body["context"]["team"] in self.teams_on
            return 200, {"key": "approvals.unified", "value": value, "variant": "on" if value else "off"}
        if path == "/v1/serving":
            self.serving[body["provider"]] = body["version"]
            return 202, {}
        return self.manage(method, path.removeprefix("/api/v1"), key, body)

    def take(self, events: list[dict[str, Any]]) -> tuple[int, Any]:
        assert len(events) <= 1000
        fresh = [event for event in events if event["id"] not in self.events]
        self.events.update({event["id"]: event for event in fresh})
        self.backlog += fresh
        return 202, {"accepted": len(fresh), "duplicates": len(events) - len(fresh), "quarantined": []}

    def manage(self, method: str, path: str, key: str, body: Any) -> tuple[int, Any]:
        if path == "/rollouts/p":
            return 200, self.state()
        if path == "/rollouts/p/report":
            return 200, {"final_state": self.status, "events_counted": len(self.events), "stages": []}
        if path == "/me/surveys":
            return 200, [] if key in self.answered else [{"invitation": key, "survey": "usability"}]
        if path.startswith("/surveys/"):
            self.answered.add(key)
            return 201, {}
        verb = path.rpartition("/")[2]
        self.posts[verb] += 1
        if path == "/requests":
            is_on = key.rpartition("-")[0] in self.teams_on
            return 201, {"id": body["key"], "path": "unified" if is_on else "existing", **self.open_request()}
        if path.startswith("/requests/"):
            return 200, self.open_request()
        if path == "/cases":
            return 201, {"id": str(self.posts["cases"]), "number": self.posts["cases"]}
        if verb == "meetings":
            return 201, {"id": "meeting-1"}
        if verb in ("start", "resume", "advance"):
            assert body["version"] == self.version and body["reason"]
            self.move(verb)
        return 200, self.state()

    def open_request(self) -> dict[str, Any]:
        return {"status": "open", "asked": []}

    def move(self, verb: str) -> None:
        if verb == "advance":
            return self._advance()
        self.attempt += verb == "resume"
        self.status, self.entered_at = "active", self.now
        return self.changed()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FakeServer]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for stream in self.streams:
                stream.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                method, path, _ = head.split(" ", 2)
                fields = {k.lower(): v for k, _, v in (line.partition(": ") for line in head.split("\r\n"))}
                if path == "/ofrep/v1/sse":
                    self.streams.append(writer)
                    writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + self._message())
                    continue
                raw = await reader.readexactly(int(fields.get("content-length", 0)))
                key = fields["authorization"].removeprefix("Bearer ")
                status, said = self.answer(method, path, key, msgspec.json.decode(raw) if raw else None)
                out = msgspec.json.encode(said)
                etag = f'ETag: "{self.version}-x"\r\n'
                writer.write(
                    f"HTTP/1.1 {status} X\r\n{etag}Content-Length: {len(out)}\r\n\r\n".encode() + out
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _iso(at: datetime) -> str:
    return at.isoformat()
