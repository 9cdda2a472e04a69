"""The examples, run as a reader would run them, against a real edge."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
JAVASCRIPT = EXAMPLES / "javascript"
sys.path.append(str(HERE.parent / "surfaces" / "edge"))

from edge_client import SERVER_KEY  # noqa: E402
from edge_server import Running  # noqa: E402

ASKED_EACH = ["sales: true (on, TARGETING_MATCH)", "legal: false (off, TARGETING_MATCH)"]


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Running]:
    server = Running(tmp_path / "edge")
    server.publish(1, "sales")
    yield server
    server.close()


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js with the locked packages; a skip where there is no npm, or it cannot reach a registry."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        pytest.skip("Node.js and npm are not installed")
    if not (JAVASCRIPT / "node_modules" / "@openfeature" / "web-sdk").is_dir():
        ran = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund"],
            cwd=JAVASCRIPT,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            pytest.skip(f"npm ci failed: {ran.stderr.strip().splitlines()[-1:]}")
    return found


def _environment(edge: Running) -> dict[str, str]:
    return os.environ | {"FLAGS_URL": edge.url, "FLAGS_KEY": SERVER_KEY}


def _ran(command: list[str], edge: Running, folder: Path) -> list[str]:
    ran = subprocess.run(
        command, cwd=folder, env=_environment(edge), capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


class Waiting:
    """An example that waits for a change, and what it has printed so far."""

    def __init__(self, command: list[str], edge: Running, folder: Path) -> None:
        self._out, self._errors = folder / "printed", folder / "errors"
        with self._out.open("w") as out, self._errors.open("w") as errors:
            self._running = subprocess.Popen(
                command, cwd=folder, env=_environment(edge), stdout=out, stderr=errors
            )

    def until(self, line: str) -> list[str]:
        gives_up = monotonic() + 60
        while line not in (printed := self._out.read_text().splitlines()):
            assert monotonic() < gives_up, (printed, self._errors.read_text())
            assert self._running.poll() in (None, 0), self._errors.read_text()
            sleep(0.02)
        return printed

    def end(self) -> list[str]:
        try:
            assert self._running.wait(timeout=30) == 0, self._errors.read_text()
        finally:
            self._running.kill()
        return self._out.read_text().splitlines()


def test_python_through_the_stock_ofrep_provider(edge: Running, tmp_path: Path) -> None:
    printed = _ran([sys.executable, str(EXAMPLES / "ofrep.py")], edge, tmp_path)

    assert [line.lower() for line in printed] == [
        *(line.lower() for line in ASKED_EACH),
        "no-such-flag: true (flag_not_found)",
    ]


def test_node_through_the_stock_ofrep_provider(edge: Running, node: str) -> None:
    printed = _ran([node, "server.js"], edge, JAVASCRIPT)

    assert printed == [*ASKED_EACH, "no-such-flag: true (FLAG_NOT_FOUND)"]


def test_web_through_the_stock_ofrep_web_provider(edge: Running, node: str, tmp_path: Path) -> None:
    waiting = Waiting([node, str(JAVASCRIPT / "web.js")], edge, tmp_path)
    assert waiting.until("waiting for a change") == ["legal: false", "sales: true", "waiting for a change"]

    edge.publish(2, "sales", "legal")

    assert waiting.end()[-1] == "legal: true"


def test_python_through_our_own_provider(edge: Running, tmp_path: Path) -> None:
    if not _has_sync(edge):
        pytest.skip("this edge has no /flagd/v1/sync yet")
    waiting = Waiting([sys.executable, str(EXAMPLES / "in_process.py")], edge, tmp_path)
    printed = waiting.until("waiting for a change")
    assert [line.lower() for line in printed[:2]] == [line.lower() for line in ASKED_EACH]
    assert printed[2:] == ["sales again: True", "waiting for a change"]

    edge.publish(2, "sales", "legal")

    assert waiting.end()[-1] == "legal: True"
    assert (tmp_path / "var" / "companyos" / "flags.json").exists()


def _has_sync(edge: Running) -> bool:
    import httpx

    return (
        httpx.get(f"{edge.url}/flagd/v1/sync", headers={"authorization": f"Bearer {SERVER_KEY}"}).status_code
        == 200
    )
