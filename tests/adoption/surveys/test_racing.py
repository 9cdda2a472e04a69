"""At night: racing requests never ask anybody beyond the budget (R98), on either store; 10,000 person-weeks.

The same in all orders, without a store, is in `test_eligibility.py` and runs always.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from end_to_end.postgres_server import binaries, server

RACING = Path(__file__).with_name("racing.py")
SOME, ALL = ("8", "12", "6"), ("100", "100", "4")


def race(folder: Path, sizes: tuple[str, ...], url: str = "") -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    environment |= {"COMPANYOS_DATA": str(folder / "data"), "COMPANYOS_DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, str(RACING), *sizes],
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def check(told: dict[str, Any], sizes: tuple[str, ...]) -> None:
    assert told["problems"] == []
    assert told["person_weeks"] == int(sizes[0]) * int(sizes[1])
    assert told["beyond"] == 0
    assert told["asked"] == told["versions"]
    assert told["asked"] > told["person_weeks"] * 0.5  # and they are asked: an idle budget proves nothing


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [SOME, ALL])
def test_R98_racing_requests_stay_within_the_budget_on_sqlite(tmp_path: Path, sizes: tuple[str, ...]) -> None:
    told = race(tmp_path, sizes)
    assert told["vendor"] == "sqlite"
    check(told, sizes)


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize("sizes", [SOME, ALL])
def test_R98_racing_requests_stay_within_the_budget_on_postgres(
    tmp_path: Path, sizes: tuple[str, ...]
) -> None:
    if binaries() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not on this machine")
    with server(tmp_path) as url:
        told = race(tmp_path, sizes, url)
    assert told["vendor"] == "postgresql"
    check(told, sizes)
