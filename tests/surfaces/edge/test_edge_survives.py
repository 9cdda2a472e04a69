"""What an acknowledgement is worth: over kill -9 in the middle of everything, and over a full disk."""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from edge_client import SERVER_KEY, Client, event
from edge_server import process, publish

from companyos.analytics.drain import Drain
from companyos.analytics.engine import open_engine
from companyos.analytics.inbox import FrameKind, InboxLog

CLIENTS = 4
PER_BATCH = 10


class Senders:
    """Clients that send numbered batches and repeat each one, same ids, until it is acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.unfinished: dict[int, list[dict[str, Any]]] = {}
        self._numbers = 0

    async def send_until(self, port: int, enough: Callable[[], bool]) -> None:
        """Send from all clients until it is `enough`, or until the server dies."""
        await asyncio.gather(*(self._send(port, number, enough) for number in range(CLIENTS)))

    async def _send(self, port: int, number: int, enough: Callable[[], bool]) -> None:
        client = Client(port)
        try:
            while not enough():
                batch = self.unfinished[number] = self.unfinished.get(number) or self._next_batch()
                status, answer = await client.post("/v1/events", {"events": batch})
                assert status == 202, answer
                assert answer["accepted"] + answer["duplicates"] == PER_BATCH
                self.acknowledged += [sent["id"] for sent in batch]
                del self.unfinished[number]
        except (OSError, EOFError):
            pass  # the server was killed: the batch stays unfinished and is sent again
        finally:
            await client.close()

    async def finish(self, port: int) -> None:
        """Repeat what was never acknowledged."""
        for number in list(self.unfinished):
            await self._send(port, number, lambda number=number: number not in self.unfinished)  # type: ignore[misc]

    def _next_batch(self) -> list[dict[str, Any]]:
        self._numbers += PER_BATCH
        first = self._numbers
        return [
            event(f"event-{n:08d}", value=n, props={"by": "bob"}) for n in range(first, first + PER_BATCH)
        ]


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_no_acknowledged_event_is_lost_or_doubled_by_kill_9(tmp_path: Path, kills: int) -> None:
    """R: kill -9 amid concurrent ingest and drain, clients retrying the same ids."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    publish(tmp_path / "edge", 1)
    senders, position = Senders(), tmp_path / "drain" / "drain.json"
    for kill in range(kills):
        with process(tmp_path, drains=True) as (running, port):
            drained, goal = _content(position), len(senders.acknowledged) + dice.randrange(20, 4000)

            def enough(
                running: Any = running, goal: int = goal, drained: bytes = drained, kill: int = kill
            ) -> bool:
                amid_drain = kill % 2 == 0 or _content(position) != drained
                if len(senders.acknowledged) >= goal and amid_drain:
                    running.send_signal(signal.SIGKILL)
                return running.poll() is not None

            asyncio.run(senders.send_until(port, enough))
            assert running.wait() == -signal.SIGKILL
    with process(tmp_path, drains=True) as (running, port):
        asyncio.run(senders.finish(port))
        running.send_signal(signal.SIGINT)
        running.wait(timeout=20)
    assert_all_once(tmp_path, senders.acknowledged, at_least=kills * 20)


def assert_all_once(folder: Path, acknowledged: list[str], *, at_least: int) -> None:
    inbox, engine = InboxLog(folder / "inbox"), open_engine(folder / "engine")
    try:
        Drain(inbox, engine, folder / "drain").catch_up()
        frames = [f for f in inbox.frames(after=0) if f.kind is FrameKind.EVENTS]
        ids = [json.loads(line)["id"] for f in frames for line in f.payload.splitlines()]
        assert sorted(ids) == sorted(acknowledged)
        assert engine.rows("count_rows") == engine.rows("count_events") == [(len(acknowledged),)]
        assert len(set(acknowledged)) == len(acknowledged) > at_least
    finally:
        engine.close()
        inbox.close()


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def test_a_full_disk_refuses_events_serves_flags_and_recovers_by_itself(tmp_path: Path) -> None:
    publish(tmp_path / "edge", 1, "sales")
    accepted: list[str] = []
    with process(tmp_path, largest_file="20000") as (running, port):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"x-api-key": SERVER_KEY}) as client:
            refused = _fill(client, accepted)
            assert refused.status_code == 507
            assert refused.headers["retry-after"]
            assert "File too large" in refused.json()["error"]
            flag = client.post("/ofrep/v1/evaluate/flags/plain", json={"context": {"targetingKey": "x"}})
            assert flag.json()["value"] is True
            assert client.get("/healthz").json()["inbox_offset"] == len(accepted)
            resource.prlimit(
                running.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            )
            again = client.post("/v1/events", json={"events": [event(f"event-{len(accepted):04d}")]})
            assert (again.status_code, again.json()["accepted"]) == (202, 1)  # not taken for a duplicate
            accepted.append(f"event-{len(accepted):04d}")
        running.send_signal(signal.SIGINT)
        running.wait(timeout=20)
    inbox = InboxLog(tmp_path / "inbox")
    assert [json.loads(frame.payload)["id"] for frame in inbox.frames(after=0)] == accepted
    inbox.close()
    assert os.path.getsize(tmp_path / "inbox" / f"{1:016d}.log") > 20000  # noqa: PTH202


def _fill(client: httpx.Client, accepted: list[str]) -> httpx.Response:
    while True:
        event_id = f"event-{len(accepted):04d}"
        answer = client.post("/v1/events", json={"events": [event(event_id)]})
        if answer.status_code != 202:
            return answer
        accepted.append(event_id)
        assert len(accepted) < 1000, "the disk never filled"
