"""Votes of fifty people at once: none lost, none doubled, no budget overdrawn, every voter answered (R89)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from end_to_end.postgres_server import binaries, server

VOTERS = Path(__file__).with_name("voters.py")


def run(folder: Path, url: str = "") -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    environment |= {"COMPANYOS_DATA": str(folder / "data"), "COMPANYOS_DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, str(VOTERS)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def check(told: dict[str, Any]) -> None:
    assert (told["votes"], told["greedy"]) == (50, 10)
    said = told["said"]
    assert said.pop("voted") == 60
    assert set(said) == {
        "You have voted for it already.",
        "All your 10 votes are in use. Take one back from another suggestion first.",
    }
    assert sum(said.values()) == 60
    assert told["answers"] == told["told"] in {50, 51}  # the author is told, too


@pytest.mark.slow
def test_R89_fifty_people_vote_at_once_on_sqlite(tmp_path: Path) -> None:
    told = run(tmp_path)
    assert told["vendor"] == "sqlite"
    check(told)


@pytest.mark.postgres
@pytest.mark.slow
def test_R89_fifty_people_vote_at_once_on_postgres(tmp_path: Path) -> None:
    if binaries() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not on this machine")
    with server(tmp_path) as url:
        told = run(tmp_path, url)
    assert told["vendor"] == "postgresql"
    check(told)
