"""R118: the Flask example, run as a reader would: the old rule answers, the difference is found, and nothing is lost
while the server is away."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "sdk" / "data_plane"))

from flag_server import KEY  # noqa: E402
from watched import FlagServer, until  # noqa: E402

from companyos.analytics.batch import read_batch  # noqa: E402
from companyos.analytics.events import Event  # noqa: E402


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FlagServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    made = FlagServer(folder)  # away at first
    yield made
    made.kill()


@pytest.fixture
def program(server: FlagServer, tmp_path: Path) -> Iterator[httpx.Client]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {"FLAGS_URL": server.url, "FLAGS_KEY": KEY, "SPOOL": str(tmp_path / "spool")}
    app = str(ROOT / "examples" / "expenses" / "app.py")
    command = [sys.executable, "-m", "flask", "--app", app, "run", "--port", str(port)]
    with (tmp_path / "said").open("w") as said:
        running = subprocess.Popen(command, env=os.environ | told, stdout=said, stderr=said, cwd=tmp_path)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        until(lambda: _is_up(client), what=(tmp_path / "said").read_text())
        yield client
    running.terminate()
    running.wait(timeout=10)


def _is_up(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_R118_the_example_finds_the_difference_in_one_branch(
    program: httpx.Client, server: FlagServer, tmp_path: Path
) -> None:
    for n in range(30):
        asked = {"amount": 20 * n, "team": "sales" if n % 2 else "legal", "case": f"e-{n}"}
        answer = program.get("/approver", params=asked).json()
        limit = 200.0 if n % 2 else 100.0
        assert answer == {"approver": "lead" if asked["amount"] <= limit else "cfo", "limit": limit}
    until(lambda: program.get("/healthz").json()["events_spooled"] > 0, what="events wait on disk")

    server.start()
    until(lambda: len({each["id"] for each in _compared(server)}) == 30, what="all 30 arrive")
    events = list({each["id"]: each for each in _compared(server)}.values())
    assert all(isinstance(each, Event) for each in read_batch(json.dumps({"events": events}).encode()))
    differ = [each for each in events if each["value"]]
    assert {each["case"] for each in differ} == {f"e-{n}" for n in range(1, 30, 2)}
    worst = [each for each in differ if "/approver changed" in each["props"]["shadow.places"]]
    assert {each["case"] for each in worst} == {"e-7", "e-9"}  # 140 and 180: within the limit of sales only
    assert {each["props"]["shadow.severity"] for each in worst} == {5}
    assert {each["kind"] for each in events} == {"small", "large"}


def _compared(server: FlagServer) -> list[dict[str, object]]:
    return [each for each in server.noted("events") if each["event"] == "shadow_compared"]
