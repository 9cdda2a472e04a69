"""Fifty people act on two cases at once: nothing is lost, nothing counts twice, on either store (R82, R83)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from end_to_end.postgres_server import binaries, server

CROWD = Path(__file__).with_name("crowd.py")


def crowd(folder: Path, url: str = "") -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    environment |= {"COMPANYOS_DATA": str(folder / "data"), "COMPANYOS_DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, str(CROWD)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def check(told: dict[str, Any]) -> None:
    said = told["said"]
    assert said == {"vote": 50, "comment": 50, "clock": 10, "open": 10, "merge": 1, "merge refused": 9}
    assert told["squad"] <= told["votes"] == told["counted"] <= 2 * told["squad"]
    assert (told["comments"], told["outbox"]) == (50, 50)
    assert (told["merged"], told["took_in"]) == (1, 1)
    assert all(told["in_step"])
    assert told["numbers"]
    assert told["notices_doubled"] == 0
    assert max(told["clock_events"]) <= 4  # two clocks, each warned and breached once, escalated twice


def test_fifty_people_lose_nothing_on_sqlite(tmp_path: Path) -> None:
    told = crowd(tmp_path)
    assert told["vendor"] == "sqlite"
    check(told)


@pytest.mark.postgres
@pytest.mark.slow
def test_fifty_people_lose_nothing_on_postgres(tmp_path: Path) -> None:
    if binaries() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not on this machine")
    with server(tmp_path) as url:
        told = crowd(tmp_path, url)
    assert told["vendor"] == "postgresql"
    check(told)
