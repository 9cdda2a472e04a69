"""A PostgreSQL server of our own for one test: its binaries must be there, its data and socket are ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOTS = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")


def binaries() -> Path | None:
    """Return the folder with initdb and pg_ctl, the newest version first; None when there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [path.parent for root in _ROOTS for path in Path(root).glob("*/bin/initdb")]
    return max(folders, default=None)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server that listens on a socket only; give the URL of its empty database."""
    place = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(place, "postgres", "postgres")
    data = place / "data"
    _run("initdb", "--pgdata", data, "--username", "companyos", "--auth", "trust", "--no-sync")
    options = f"-k {place} -c listen_addresses='' -c fsync=off -c max_connections=300"
    _run("pg_ctl", "--pgdata", data, "--log", place / "log", "--wait", "-o", options, "start")
    try:
        yield f"postgresql://companyos@/postgres?host={place}"
    finally:
        _run("pg_ctl", "--pgdata", data, "--mode", "immediate", "stop")
        shutil.rmtree(place, ignore_errors=True)


def _run(program: str, *arguments: object) -> None:
    """Run one of PostgreSQL's programs; it refuses to be root, so root becomes `postgres`."""
    folder = binaries()
    assert folder is not None
    become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*become, str(folder / program), *map(str, arguments)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        timeout=60,
    )
