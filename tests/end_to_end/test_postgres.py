"""The same product on PostgreSQL: a rehearsal decides there exactly what it decides on SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from companyos.adoption.rollouts.rehearsal.report import comparable
from end_to_end.postgres_server import binaries, server
from end_to_end.test_rehearsal import rehearse

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _needs_postgres() -> None:
    if binaries() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not on this machine")


@pytest.mark.slow
def test_one_seed_gives_the_same_report_on_both_stores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("--cases", 300, "--until", "pilot", "--seed", 11)
    on_sqlite = rehearse(tmp_path, *asked, "--data", tmp_path / "sqlite")
    with server(tmp_path) as url:
        monkeypatch.setenv("COMPANYOS_DATABASE_URL", url)
        on_postgres = rehearse(tmp_path, *asked, "--data", tmp_path / "postgres")
    assert not list((tmp_path / "postgres").rglob("companyos.sqlite3"))
    assert comparable(on_postgres) == comparable(on_sqlite)
    assert on_postgres["events_acked"] == on_postgres["events_counted"]
