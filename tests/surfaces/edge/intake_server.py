"""A real edge process for clients to send to, and what arrived in its log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
from edge_server import publish

from companyos.analytics.inbox import FrameKind
from companyos.analytics.inbox.segments import segments_in


@dataclass(frozen=True, slots=True)
class Served:
    """A running edge and its folder. Its log is read from the files, as the process holds the lock."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def arrived(self, kind: FrameKind = FrameKind.EVENTS) -> list[dict[str, Any]]:
        """Everything in the log by now, in order."""
        upto = httpx.get(f"{self.url}/healthz").json()["inbox_offset"]
        frames = (
            frame
            for segment in segments_in(self.folder / "inbox")
            for frame in segment.frames(after=0, upto=upto)
        )
        return [json.loads(line) for f in frames if f.kind is kind for line in f.payload.splitlines()]

    def memory(self) -> int:
        """Resident bytes of the process."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """The edge as a process on the wall's clock, with one ruleset published. It is killed at the end."""
    publish(folder / "edge", 1)
    script = str(Path(__file__).with_name("intake_process.py"))
    env = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, script, str(folder), "-", "no-drain"]
    with (folder / "server.log").open("wb") as log, subprocess.Popen(command, env=env, stderr=log) as running:
        try:
            yield Served(f"http://127.0.0.1:{_port(folder, running)}", folder, running)
        finally:
            running.kill()


def _port(folder: Path, running: subprocess.Popen[bytes]) -> int:
    gives_up = monotonic() + 60
    while not (folder / "port").exists():
        assert running.poll() is None, (folder / "server.log").read_text()
        assert monotonic() < gives_up, "the server did not come up"
        sleep(0.01)
    return int((folder / "port").read_text())
