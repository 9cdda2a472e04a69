"""How fast a change reaches everybody who listens, and what two thousand listeners do when the server restarts.

There is no peer to run beside it: what others publish is in the docs (LaunchDarkly says 200 ms; Unleash polls). Bars:
a published change is heard by all of 500 streams with p99 within 500 ms; over ten restarts 2,000 clients are all
served the newest version again within 30 s each time, and try no more often than their backoff allows.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench._client import events
from bench._instance import KEY, percentile, publish, running, start, store

LISTENERS, CHANGES, AT_MOST_P99_MS = 500, 20, 500.0
MANY, RESTARTS, READY_WITHIN = 2000, 10, 30.0
FIRST_WAIT, LONGEST_WAIT = 0.25, 5.0
MOST_TRIES = 12  # of one client in one restart: full jitter up to 5 s, for 30 s
_STREAM = "/ofrep/v1/sse"


@dataclass(slots=True)
class Fleet:
    """Clients that listen, come back with full jitter after a break, and know the version they heard of."""

    port: int
    size: int
    versions: list[int] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    tries: list[int] = field(default_factory=list)
    waiting_for: int = 0
    all_heard: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.versions, self.heard, self.tries = [0] * self.size, [0.0] * self.size, [0] * self.size

    async def follow(self, number: int) -> None:
        failures = 0
        while True:
            self.tries[number] += 1
            with contextlib.suppress(OSError, EOFError):
                pipe = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    async for told in events(pipe, _STREAM, KEY):
                        failures = 0
                        self._note(number, told["version"])
                finally:
                    pipe[1].close()
            await asyncio.sleep(random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**failures)))
            failures += 1

    def _note(self, number: int, version: int) -> None:
        self.versions[number], self.heard[number] = version, time.perf_counter()
        if version >= self.waiting_for and min(self.versions) >= self.waiting_for:
            self.all_heard.set()

    async def reach(self, version: int, within: float) -> bool:
        """Wait until everybody has heard of `version`."""
        self.waiting_for = version
        self.all_heard.clear()
        if min(self.versions) < version:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.all_heard.wait(), within)
        return min(self.versions) >= version


def main() -> int:
    """Measure, print a table and a summary, store the figures; 1 when a bar is missed."""
    spread = {f"{count} process{'es' * (count > 1)}": asyncio.run(_spread(count)) for count in (1, 2)}
    for name, found in spread.items():
        print(
            f"{name:<12} {CHANGES} changes to {LISTENERS} streams: p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms"
        )
    storms = asyncio.run(_storms())
    for each in storms["restarts"]:
        tries = f"{each['tries']} tries, at most {each['most_tries']} by one"
        print(f"restart {each['restart']:>2}: all {MANY} ready after {each['seconds']:5.1f} s, {tries}")
    missed = [
        f"p99 {found['p99_ms']} ms in {name}"
        for name, found in spread.items()
        if found["p99_ms"] > AT_MOST_P99_MS
    ]
    missed += [f"restart {each['restart']}" for each in storms["restarts"] if not _is_fine(each)]
    store("propagation", {"spread": spread, "storms": storms, "missed": missed})
    worst = max(each["seconds"] for each in storms["restarts"])
    most = max(each["most_tries"] for each in storms["restarts"])
    p99 = ", ".join(f"{found['p99_ms']:.0f} ms in {name}" for name, found in spread.items())
    verdict = "bars met" if not missed else "BAR MISSED: " + "; ".join(missed)
    print(
        f"propagation: {verdict}; p99 {p99} to {LISTENERS}; {MANY} ready within {worst:.1f} s, {most} tries at most"
    )
    return 1 if missed else 0


def _is_fine(restart: dict[str, Any]) -> bool:
    return bool(
        restart["ready"] and restart["seconds"] <= READY_WITHIN and restart["most_tries"] <= MOST_TRIES
    )


async def _spread(processes: int) -> dict[str, float]:
    """Publish changes one by one; from before the file is written until each stream hears of it."""
    with running(processes=processes) as server:
        fleet = Fleet(server.port, LISTENERS)
        clients = [asyncio.create_task(fleet.follow(number)) for number in range(LISTENERS)]
        assert await fleet.reach(1, 60)
        took: list[float] = []
        for step in range(1, CHANGES + 1):
            began = time.perf_counter()
            version = await asyncio.to_thread(publish, server.data, step)
            assert await fleet.reach(version, 30), "a change was not heard by everybody"
            took += [(heard - began) * 1000 for heard in fleet.heard]
            await asyncio.sleep(0.2)
        await _end(clients)
    return {"p50_ms": round(percentile(took, 0.5), 1), "p99_ms": round(percentile(took, 0.99), 1)}


async def _storms() -> dict[str, Any]:
    """Kill the server ten times under 2,000 streams; each time it comes back with a newer version."""
    with tempfile.TemporaryDirectory(prefix="companyos-bench-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        with running(processes=2, data=data) as server:
            port = server.port
            fleet = Fleet(port, MANY)
            clients = [asyncio.create_task(fleet.follow(number)) for number in range(MANY)]
            assert await fleet.reach(1, 120), "not everybody could listen at first"
            process, restarts = server.process, []
            for restart in range(1, RESTARTS + 1):
                restarts.append(await _restart(restart, fleet, data, process))
                process = restarts[-1].pop("process")
            await _end(clients)
            process.send_signal(signal.SIGINT)
            process.wait(10)
    return {"clients": MANY, "restarts": restarts}


async def _restart(number: int, fleet: Fleet, data: Path, process: Any) -> dict[str, Any]:
    """Kill the server, publish while it is away, start it again; timed from the start of the new one."""
    fleet.tries = [0] * fleet.size
    process.kill()
    process.wait()
    version = await asyncio.to_thread(publish, data, number)
    await asyncio.sleep(1.0)
    fresh = await asyncio.to_thread(_started, data, fleet.port)
    began = time.perf_counter()
    ready = await fleet.reach(version, READY_WITHIN * 2)
    return {
        "restart": number,
        "ready": ready,
        "seconds": round(time.perf_counter() - began, 2),
        "tries": sum(fleet.tries),
        "most_tries": max(fleet.tries),
        "process": fresh,
    }


def _started(data: Path, port: int) -> Any:
    """Start the server again, as soon as the pages of the killed one have let go of the folder."""
    deadline = time.monotonic() + 30
    while True:
        process = start(data, processes=2, port=port)
        assert process.stdout is not None
        if process.stdout.readline():
            return process
        process.wait()
        if time.monotonic() > deadline:
            raise RuntimeError("the server did not start again")


async def _end(clients: list[asyncio.Task[None]]) -> None:
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
