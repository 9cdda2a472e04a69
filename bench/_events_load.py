"""Events for `bench.ingest`, from a process of its own: on a schedule that waits for nobody, or as fast as it goes.

usage: python -m bench._events_load PORT KEY BATCH EVENTS_A_SECOND SECONDS OUT.json    (rate 0: closed loop)
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from companyos.cli.program import read_program

CONNECTIONS = 64
_CLOSED_LOOP_CONNECTIONS = 24
_VARIETY = 5_000
_OFFSET = re.compile(rb'"offset":(\d+)')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Events:
    """Bodies of events about a real programme's people, each with an id of its own."""

    def __init__(self, batch: int, dice: random.Random) -> None:
        self._batch, self._made, self._run = batch, 0, dice.getrandbits(40)
        self._rests = list(_rests(dice))

    def body(self) -> bytes:
        """The next batch."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").encode()
        first, self._made = self._made, self._made + self._batch
        parts = [
            b'{"id":"%010x-%012x","time":"%s",%s' % (self._run, n, now, self._rests[n % _VARIETY])
            for n in range(first, self._made)
        ]
        return b'{"events":[' + b",".join(parts) + b"]}"


def _rests(dice: random.Random) -> Iterator[bytes]:
    people = read_program(Path("program")).people
    kinds = ["expense", "purchase", "leave", "contract"]
    names = (
        ["task_started"] * 45
        + ["task_completed"] * 43
        + ["task_failed"] * 2
        + ["feature_flag.evaluation"] * 10
    )
    for number in range(_VARIETY):
        person, event = dice.choice(people), dice.choice(names)
        told = {
            "event": event,
            "tenant": dice.choice(["sales", "support", "hr", "corporate"]),
            "actor": person.slug,
            "feature": "unified-approvals",
            "path": dice.choice(["on", "off"])
            if event.startswith("feature")
            else dice.choice(["existing", "unified"]),
            "kind": dice.choice(kinds),
            "case": f"case-{number:05d}",
            "task": f"case-{number:05d}-review",
            "value": dice.randrange(20, 4000),
            "props": {
                "latency_ms": dice.randrange(20, 900),
                "by": person.slug,
                "amount": dice.randrange(10, 9000),
            },
        }
        yield json.dumps(told, separators=(",", ":")).encode()[1:]


class Pipe(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, load: Load) -> None:
        self._load, self._buffer, self._intended = load, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def ask(self, intended: float) -> None:
        self._intended = intended
        body = self._load.events.body()
        self._transport.write(self._load.head + b"%d\r\n\r\n" % len(body) + body)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or length is None or len(rest) < int(length[1]):
            return
        self._buffer = b""
        self._load.answered(self, head[9:12] == b"202", rest, self._intended)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.failures += 1


class Load:
    """What is sent, and what came back: for each acknowledged batch its delay, its moment and its place in the log."""

    def __init__(self, key: str, batch: int, rate: float, seconds: float) -> None:
        self.events = Events(batch, random.Random())
        self.head = (
            f"POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-length: "
        ).encode()
        self.failures = 0
        self._gap, self._seconds = (batch / rate if rate else 0.0), seconds
        self._idle: deque[Pipe] = deque()
        self._due: deque[float] = deque()
        self.delays: list[float] = []
        self.acks: list[tuple[float, int]] = []

    async def run(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS if self._gap else _CLOSED_LOOP_CONNECTIONS):
            _, pipe = await loop.create_connection(lambda: Pipe(self), "127.0.0.1", port)
            self._idle.append(pipe)
        self._ends = time.monotonic() + self._seconds
        await (self._open_loop() if self._gap else self._closed_loop())

    def answered(self, pipe: Pipe, ok: bool, rest: bytes, intended: float) -> None:
        now = time.monotonic()
        offset = _OFFSET.search(rest)
        if not ok or offset is None:
            self.failures += 1
        else:
            self.delays.append(now - intended)
            self.acks.append((now, int(offset[1])))
        if self._due:
            pipe.ask(self._due.popleft())
        elif not self._gap and now < self._ends:
            pipe.ask(now)
        else:
            self._idle.append(pipe)

    async def _open_loop(self) -> None:
        """Send each batch when it is due, whatever became of those before it; its delay counts from then."""
        start, number, total = time.monotonic() + 0.2, 0, round(self._seconds / self._gap)
        while number < total:
            now = time.monotonic()
            while number < total and (due := start + number * self._gap) <= now:
                if self._idle:
                    self._idle.popleft().ask(due)
                else:
                    self._due.append(due)
                number += 1
            await asyncio.sleep(max(0.0, start + number * self._gap - time.monotonic()))
        await self._all_answered(total)

    async def _closed_loop(self) -> None:
        while self._idle:
            self._idle.popleft().ask(time.monotonic())
        while time.monotonic() < self._ends:
            await asyncio.sleep(0.05)

    async def _all_answered(self, total: int) -> None:
        gives_up = time.monotonic() + 30
        while len(self.delays) + self.failures < total and time.monotonic() < gives_up:
            await asyncio.sleep(0.01)
        self.failures += total - len(self.delays) - self.failures


def main() -> None:
    port, key, batch, rate, seconds, out = sys.argv[1:]
    load = Load(key, int(batch), float(rate), float(seconds))
    uvloop.run(load.run(int(port)))
    Path(out).write_text(json.dumps({"delays": load.delays, "acks": load.acks, "failures": load.failures}))


if __name__ == "__main__":
    main()
