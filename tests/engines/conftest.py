"""Every test here runs on each engine: chDB in this process, and a server spoken to over HTTP.

`COMPANYOS_TEST_CLICKHOUSE_URL` adds a real server; the tests leave tables in its database.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from companyos.adoption.telemetry import queries
from companyos.analytics.engine import Engine, open_engine

REAL = os.environ.get("COMPANYOS_TEST_CLICKHOUSE_URL", "")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the port promises is tested over HTTP every time, each single question nightly."""
    for item in items:
        asked = getattr(item, "callspec", None)
        if asked and asked.params.get("engine") == "remote" and item.path.name != "test_port.py":
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def front_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of our own."""
    program = Path(__file__).parent / "clickhouse_front.py"
    command = [sys.executable, str(program), str(tmp_path_factory.mktemp("front"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"clickhouse://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


@pytest.fixture(scope="module", params=["embedded", "remote", *(["real"] if REAL else [])])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One engine, wired to telemetry's questions. A process can hold one embedded engine, so per module."""
    url = {"embedded": "", "real": REAL}.get(request.param)
    opened = open_engine(
        tmp_path_factory.mktemp("engine"), request.getfixturevalue("front_url") if url is None else url
    )
    queries.connect(opened)
    yield opened
    opened.close()
