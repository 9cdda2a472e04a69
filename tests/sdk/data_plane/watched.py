"""The misbehaving server in a process of its own, and what a provider that follows it emits."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ProviderNotReadyError

from companyos_sdk.provider import CompanyOSProvider


def until(true: Callable[[], object], *, within: float = 20.0, what: str = "") -> None:
    gives_up = monotonic() + within
    while not true():
        assert monotonic() < gives_up, f"not within {within} s: {what or true}"
        sleep(0.005)


class FlagServer:
    """The server process; it can be told anything, killed, stopped and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._control: dict[str, Any] = {"version": 1, "mode": "good", "events": 202}
        self._running: subprocess.Popen[bytes] | None = None
        self.tell()

    def tell(self, **control: Any) -> None:
        self._control |= control
        fresh = self.folder / "control.tmp"
        fresh.write_text(json.dumps(self._control))
        fresh.replace(self.folder / "control.json")

    def start(self) -> None:
        (self.folder / "up").unlink(missing_ok=True)
        script = str(Path(__file__).with_name("flag_server.py"))
        self._running = subprocess.Popen([sys.executable, script, str(self.folder), str(self.port)])
        until((self.folder / "up").exists, what="the flag server is up")

    def signal(self, number: int) -> None:
        assert self._running is not None
        os.kill(self._running.pid, number)

    def kill(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def stopped(self) -> None:
        self.signal(signal.SIGSTOP)

    def noted(self, name: str) -> list[Any]:
        path = self.folder / f"{name}.jsonl"
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]  # the last may still be written


class Seen:
    """A provider, and the events it emits, in order."""

    def __init__(self, provider: CompanyOSProvider) -> None:
        self.provider = provider
        self.events: list[tuple[str, Any]] = []
        provider.attach(lambda _provider, event, details: self.events.append((event.value, details)))

    def names(self) -> list[str]:
        return [name.removeprefix("PROVIDER_") for name, _details in self.events]

    def initialize(self) -> bool:
        try:
            self.provider.initialize(EvaluationContext())
        except ProviderNotReadyError:
            return False
        return True


Make = Callable[..., Seen]
