"""A real server with the edge in it, and rulesets to publish to it."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import uvicorn
from edge_client import SERVER_KEY

from companyos.analytics.inbox import DuplicateWindow, InboxLog
from companyos.kernel.canonical_json import canonical, sha256_of
from companyos.kernel.clock import VirtualClock
from companyos.surfaces.edge import Edge

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALL = ["evaluate", "ingest", "serving"]
KEYS = {
    SERVER_KEY: (ALL, ["*"]),
    "key-of-sales": (["ingest", "evaluate"], ["sales"]),
    "key-to-evaluate": (["evaluate"], ["*"]),
}


def flags(*tenants: str) -> dict[str, Any]:
    """One flag that is on for some tenants, one that is plainly on, one that is switched off."""
    rule = {"if": [{"in": [{"var": "tenant"}, list(tenants)]}, "on", "off"]}
    two = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
    return {
        "flags": {
            "unified-approvals": two | {"targeting": rule},
            "plain": two | {"defaultVariant": "on"},
            "switched-off": two | {"state": "DISABLED"},
        },
        "metadata": {"flagSetId": "test"},
    }


def publish(folder: Path, version: int, *tenants: str) -> Path:
    keys = [
        {"id": key, "sha256": hashlib.sha256(key.encode()).hexdigest(), "scopes": scopes, "tenants": whose}
        for key, (scopes, whose) in KEYS.items()
    ]
    document = {
        "version": version,
        "published_at": NOW.isoformat(),
        "flag_sets": {"companyos": flags(*tenants)},
        "keys": keys,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"ruleset-{version}.json"
    head = {"version": version, "sha256": sha256_of(document)}
    path.write_bytes(canonical(head) + b"\n" + canonical(document) + b"\n")
    return path


class Running:
    """The edge behind uvicorn on a free port, in a thread of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rulesets = folder / "edge"
        self.clock = VirtualClock(NOW)
        self.inbox = InboxLog(folder / "inbox")
        self.window = DuplicateWindow(self.clock)
        self.edge = Edge(
            rulesets=self.rulesets,
            inbox=self.inbox,
            window=self.window,
            clock=self.clock,
            live_secret=b"secret",
        )
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(self.edge, lifespan="off", ws="none", log_level="warning", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._thread.start()

    def publish(self, version: int, *tenants: str) -> int:
        publish(self.rulesets, version, *tenants)
        return self.edge.reload()

    def stop(self) -> float:
        """Stop as a signal would; returns the seconds that took."""
        began = monotonic()
        self.edge.close_streams()
        self._server.should_exit = True
        self._thread.join()
        return monotonic() - began

    def close(self) -> None:
        self.stop()
        self.inbox.close()


@contextmanager
def process(folder: Path, *, largest_file: str = "-", drains: bool = False) -> Iterator[tuple[Any, int]]:
    """The edge as a process of its own: the process and its port. It is killed at the end if it still runs."""
    (folder / "port").unlink(missing_ok=True)
    script = str(Path(__file__).with_name("edge_process.py"))
    command = [sys.executable, script, str(folder), largest_file, "drain" if drains else "no-drain"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with (folder / "server.log").open("ab") as log, subprocess.Popen(command, env=env, stderr=log) as running:
        try:
            yield running, _port_of(running, folder)
        finally:
            running.kill()


def _port_of(running: Any, folder: Path) -> int:
    gives_up = monotonic() + 30
    while not (folder / "port").exists():
        assert running.poll() is None, (folder / "server.log").read_text()
        assert monotonic() < gives_up, "the server did not come up"
        sleep(0.01)
    return int((folder / "port").read_text())


def read_json(text: str) -> Any:
    return json.loads(text)
