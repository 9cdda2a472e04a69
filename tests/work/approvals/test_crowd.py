"""Two hundred people answer one request at once: one final decision, on either store (R58)."""

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


def crowd(folder: Path, needs: str, url: str = "") -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    environment |= {"COMPANYOS_DATA": str(folder / "data"), "COMPANYOS_DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, str(CROWD), needs],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def check(told: dict[str, Any], needs: str) -> None:
    assert told["people"] == 200
    assert told["decided"] == 1
    acts, said = told["acts"], told["said"]
    assert sum(said.values()) == 200
    assert {
        kind: n for kind, n in said.items() if kind != "refused"
    } == acts  # what was told is what is stored
    assert told["version"] == 1 + sum(acts.values())
    if told["status"] == "approved":
        assert acts == {"approved": 1 if needs == "any" else int(needs)}
    else:
        assert (told["status"], acts["declined"]) == ("declined", 1)


@pytest.mark.parametrize("needs", ["3", pytest.param("any", marks=pytest.mark.slow)])
def test_two_hundred_answer_at_once_on_sqlite(tmp_path: Path, needs: str) -> None:
    told = crowd(tmp_path, needs)
    assert told["vendor"] == "sqlite"
    check(told, needs)


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize("needs", ["3", "any"])
def test_two_hundred_answer_at_once_on_postgres(tmp_path: Path, needs: str) -> None:
    if binaries() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not on this machine")
    with server(tmp_path) as url:
        told = crowd(tmp_path, needs, url)
    assert told["vendor"] == "postgresql"
    check(told, needs)
