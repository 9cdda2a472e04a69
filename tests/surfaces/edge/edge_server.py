"""A real server with the edge in it, and rulesets to publish to it."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
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
from companyos.surfaces.edge.live import PATH as LIVE
from companyos.surfaces.edge.live import Live
from companyos.surfaces.edge.throttle import GENEROUS, Rate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALL = ["evaluate", "sync", "ingest", "serving"]
PAGE = "https://app.example"
KEYS: dict[str, dict[str, Any]] = {
    SERVER_KEY: {"scopes": ALL, "tenants": ["*"]},
    "key-of-sales": {"scopes": ["ingest", "evaluate", "sync"], "tenants": ["sales"]},
    "key-to-evaluate": {"scopes": ["evaluate"], "tenants": ["*"]},
    "key-of-a-page": {"kind": "browser", "scopes": ALL, "tenants": ["sales"], "origins": [PAGE]},
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
    }


OTHER = {
    "flags": {
        "colour": {
            "state": "ENABLED",
            "variants": {"r": "red", "g": "green"},
            "defaultVariant": "r",
            "targeting": {"fractional": [{"var": "n"}, ["r", 50], ["g", 50]]},
        }
    }
}


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def key_form(key: str) -> dict[str, Any]:
    return {"id": key, "sha256": hash_of(key), "kind": "server", "origins": []} | KEYS[key]


def flag_set(name: str, version: int, document: dict[str, Any], hashing: str = "v2") -> dict[str, Any]:
    return document | {"metadata": {"flagSetId": name, "version": version, "fractional": hashing}}


def document(version: int, *tenants: str, keys: Iterable[str] = tuple(KEYS)) -> dict[str, Any]:
    sets = {
        "companyos": flag_set("companyos", version, flags(*tenants)),
        "other": flag_set("other", version, OTHER, "v3"),
    }
    return {
        "version": version,
        "published_at": NOW.isoformat(),
        "flag_sets": sets,
        "keys": [key_form(key) for key in keys],
    }


def publish(folder: Path, version: int, *tenants: str, keys: Iterable[str] = tuple(KEYS)) -> Path:
    return write(folder, document(version, *tenants, keys=keys))


def write(folder: Path, content: dict[str, Any]) -> Path:
    """Publish as the control plane does: a whole file, put in place in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"ruleset-{content['version']}.json"
    head = {"version": content["version"], "sha256": sha256_of(content)}
    fresh = path.with_suffix(".new")
    fresh.write_bytes(canonical(head) + b"\n" + canonical(content) + b"\n")
    return fresh.replace(path)


def revoke(folder: Path, *keys: str) -> Path:
    path = folder / "revoked-keys.json"
    hashes = sorted(map(hash_of, keys))
    checksum = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    path.write_text(json.dumps({"revoked": hashes, "sha256": checksum}))
    return path


class Running:
    """The edge behind uvicorn on a free port, in a thread of this process."""

    def __init__(
        self, folder: Path, rate: Rate = GENEROUS, rulesets: Path | None = None, region: str = ""
    ) -> None:
        self.folder = folder
        self.rulesets = rulesets or folder / "edge"
        self.clock = VirtualClock(NOW)
        self.inbox = InboxLog(folder / "inbox")
        self.window = DuplicateWindow(self.clock)
        self.edge = Edge(
            rulesets=self.rulesets,
            inbox=self.inbox,
            window=self.window,
            clock=self.clock,
            rate=rate,
            region=region,
        )
        self.live = Live(b"secret")
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            self._front, interface="asgi3", lifespan="off", ws="none", log_level="warning", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._thread.start()
        self._later: list[Running] = []

    def restarted(self) -> Running:
        """Return another server on the same published folder, as after a restart; it is closed with this one."""
        fresh = Running(self.folder / f"again-{len(self._later)}", rulesets=self.rulesets)
        self._later.append(fresh)
        return fresh

    async def _front(self, scope: Any, receive: Any, send: Any) -> None:
        await (self.live if scope["path"] == LIVE else self.edge)(scope, receive, send)

    def publish(self, version: int, *tenants: str) -> int:
        publish(self.rulesets, version, *tenants)
        return self.edge.reload()

    def stop(self) -> float:
        """Stop as a signal would; returns the seconds that took."""
        began = monotonic()
        self.edge.close_streams()
        self.live.close()
        self._server.should_exit = True
        self._thread.join()
        return monotonic() - began

    def close(self) -> None:
        for later in self._later:
            later.close()
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
