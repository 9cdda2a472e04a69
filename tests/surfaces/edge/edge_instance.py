"""The edge, the drain and the engine on one folder: from an event over HTTP to the answer of a question."""

from __future__ import annotations

from typing import Any

import httpx
from edge_client import SERVER_KEY
from edge_server import Running

from companyos.adoption.telemetry import upkeep
from companyos.analytics.drain import Drain
from companyos.analytics.engine import Engine

SECRET = b"sixteen bytes or more"
SUMS = {"first_day": "2026-01-01", "end_day": "2027-01-01"}


class Instance:
    """The edge, the drain and the engine on one folder."""

    def __init__(self, edge: Running, engine: Engine) -> None:
        self.edge, self.engine = edge, engine
        self.drain = Drain(edge.inbox, engine, edge.folder / "engine")

    def send(self, *events: dict[str, Any]) -> dict[str, Any]:
        headers = {"x-api-key": SERVER_KEY}
        answer = httpx.post(self.edge.url + "/v1/events", json={"events": events}, headers=headers)
        told: dict[str, Any] = answer.json()
        return told

    def turn(self) -> bool:
        self.drain.catch_up()
        store = upkeep.Store(self.engine, self.edge.folder / "inbox", self.drain.drained_offset, SECRET)
        return upkeep.turn(store, now=self.edge.clock.now())

    def summed(self) -> int:
        return sum(row[4] for row in self.engine.rows("overview", **SUMS))

    def in_log(self, name: str) -> bool:
        return any(name.encode() in path.read_bytes() for path in (self.edge.folder / "inbox").glob("*.log"))
