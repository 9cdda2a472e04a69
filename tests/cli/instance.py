"""A real instance for tests: `companyos up` on a data directory of its own, with a person's key and a program's."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parents[2]
FLAG = "/ofrep/v1/evaluate/flags/approvals.unified"
_PREPARE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from companyos.cli.ground import stand_on
from companyos.cli.program import read_program
program = read_program(Path("program"))
stand_on(Path(sys.argv[1]))
from companyos.cli.up import prepare
from companyos.people.identity import actions
now, teams = datetime.now(UTC), {team.slug: team for team in program.teams}
prepare(program, now)
lead = next(person.slug for person in program.people)
print(actions.issue_personal_keys(actor="test", people=[lead], now=now)[lead])
"""


def prepared(data: Path) -> str:
    """Make the tables; returns the management key of somebody who leads a team."""
    command = [sys.executable, "-c", _PREPARE, str(data)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout.split()[-1]


def keys(data: Path, *arguments: str) -> str:
    """Run `companyos keys`; returns what it printed."""
    command = [sys.executable, "-m", "companyos", "keys", *arguments, "--data", str(data)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def key_of_everything(data: Path) -> str:
    scopes = [part for scope in ("evaluate", "sync", "ingest", "serving") for part in ("--scope", scope)]
    return keys(data, "issue", "test", *scopes, "--tenant", "*").split()[0]


def eventually(holds: Callable[[], Any], seconds: float = 30.0) -> float:
    """Wait until something holds; returns the seconds that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.005)
    return time.monotonic() - began


class Instance:
    """A started instance. `said` grows as it prints."""

    def __init__(self, data: Path, *, processes: int, ready: str = "/sign-in/") -> None:
        command = [sys.executable, "-m", "companyos", "up", "--data", str(data), "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--processes", str(processes)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        eventually(lambda: ready in self.said or self.process.poll() is not None, 90)
        assert ready in self.said, self.said
        self.url = re.findall(r"runs on (http://\S+)", self.said)[0]
        self.http = httpx.Client(base_url=self.url, timeout=20)
        if ready == "/sign-in/":  # it is said a moment before the pages answer
            eventually(lambda: self.http.get("/sign-in").status_code == 200, 90)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def sign_in(self) -> None:
        path = re.findall(r"http://[^/]+(/sign-in/\S+)", self.said)[-1]
        assert self.http.get(path, follow_redirects=True).status_code == 200

    def evaluate(self, key: str) -> httpx.Response:
        content = {"context": {"targetingKey": "ann-lee", "tenant": "sales"}}
        return self.http.post(FLAG, json=content, headers={"x-api-key": key})

    def pages(self) -> psutil.Process:
        """Return the process of the pages."""
        (child,) = psutil.Process(self.process.pid).children()
        return child

    def stop(self) -> float:
        """Stop as Ctrl-C does; returns the seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        return time.monotonic() - began

    def close(self) -> None:
        self.http.close()
        for child in psutil.Process(self.process.pid).children() if self.process.poll() is None else []:
            child.kill()
        self.process.kill()
        self.process.wait()
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()
