"""The peer: Unleash's own server from npm on a PostgreSQL of its own, with as many flags of the same kinds."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

_HERE = Path(__file__).parent / "unleash"
_STARTS_WITHIN = 180.0
_START = """
require('unleash-server').start({
  databaseUrl: process.env.BENCH_DATABASE, server: {host: '127.0.0.1', port: Number(process.env.BENCH_PORT)},
  authentication: {type: 'none'}, versionCheck: {enable: false}, telemetry: false, disableLegacyFeaturesApi: true,
}).catch((error) => { console.error(error); process.exit(1); });
"""
_PLAIN = {"name": "flexibleRollout", "parameters": {"rollout": "100", "stickiness": "userId", "groupId": "a"}}


class Missing(Exception):
    """The peer cannot be started here; says what is missing."""


@contextlib.contextmanager
def unleash(*, flags: int) -> Iterator[str]:
    """Start the peer; yields the address of its frontend API for one person. Raises Missing."""
    node, postgres = _node(), _postgres()
    with tempfile.TemporaryDirectory(prefix="bench-unleash-") as folder:
        Path(folder).chmod(0o711)
        with _database(postgres, Path(folder)) as database, _server(node, database) as url:
            _make_flags(url, flags)
            yield _frontend(url, flags)


def _node() -> str:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise Missing("Node.js and npm are not installed (Debian: apt install npm)")
    if not (_HERE / "node_modules" / "unleash-server").is_dir():
        told = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--omit=dev"], cwd=_HERE, capture_output=True, text=True
        )
        if told.returncode:
            raise Missing(f"npm could not fetch unleash-server: {told.stderr.strip()[-200:]}")
    return node


def _postgres() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        raise Missing("PostgreSQL is not installed (Debian: apt install postgresql)")
    return found[-1].parent


@contextlib.contextmanager
def _database(binaries: Path, folder: Path) -> Iterator[str]:
    data = folder / "data"
    data.mkdir()
    runs_as = _account()
    if runs_as:
        os.chown(data, runs_as.pw_uid, runs_as.pw_gid)
    port = _free_port()

    def run(*command: str) -> list[str]:
        return ["runuser", "-u", runs_as.pw_name, "--", *command] if runs_as else list(command)

    initdb = run(str(binaries / "initdb"), "-D", str(data), "-U", "bench", "--auth=trust", "--no-sync")
    subprocess.run(initdb, check=True, capture_output=True, cwd="/")
    serve = run(
        str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-c", f"unix_socket_directories={data}"
    )
    process = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    try:
        _wait_for_port(port, process)
        yield f"postgres://bench@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(20)


def _account() -> Any:
    """Return who PostgreSQL runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


@contextlib.contextmanager
def _server(node: str, database: str) -> Iterator[str]:
    port = _free_port()
    environment = os.environ | {"BENCH_DATABASE": database, "BENCH_PORT": str(port), "NODE_ENV": "production"}
    environment |= {"DATABASE_SSL": "false", "LOG_LEVEL": "error", "CHECK_VERSION": "false"}
    process = subprocess.Popen([node, "-e", _START], cwd=_HERE, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _make_flags(url: str, count: int) -> None:
    with httpx.Client(base_url=f"{url}/api/admin/projects/default", timeout=60) as client:
        for number in range(count):
            name = f"flag-{number:02d}"
            client.post("/features", json={"name": name, "type": "release"}).raise_for_status()
            where = f"/features/{name}/environments/development"
            client.post(f"{where}/strategies", json=_strategy(number)).raise_for_status()
            client.post(f"{where}/on").raise_for_status()


def _strategy(number: int) -> dict[str, Any]:
    """The same four kinds as our flags, in Unleash's words."""
    tenants = {"contextName": "tenant", "operator": "IN", "values": ["sales", "support", "corporate", "hr"]}
    suffix = {"contextName": "email", "operator": "STR_ENDS_WITH", "values": ["@meridian.example"]}
    version = {"contextName": "appVersion", "operator": "SEMVER_GT", "value": "1.99.0"}
    quarter = {"rollout": "25", "stickiness": "userId", "groupId": f"flag-{number:02d}"}
    half = quarter | {"rollout": "50"}
    return [
        _PLAIN,
        _PLAIN | {"constraints": [tenants, suffix]},
        _PLAIN | {"parameters": quarter},
        _PLAIN | {"parameters": half, "constraints": [tenants, version]},
    ][number % 4]


def _frontend(url: str, flags: int) -> str:
    """Return the address with a person's context, once Unleash's own cache has all flags."""
    context = {
        "userId": "person-17",
        "properties[tenant]": "sales",
        "properties[email]": "person-17@meridian.example",
        "properties[appVersion]": "2.3.1",
    }
    address = f"{url}/api/frontend?{urlencode(context)}"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = httpx.get(address)
        if answer.status_code == 200 and len(answer.json()["toggles"]) >= flags // 4:
            return address
        time.sleep(0.5)
    raise Missing(f"Unleash does not answer as expected: {answer.status_code} {answer.text[:200]}")


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Missing("the peer ended while it started; what it said is above")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise Missing("the peer did not start in time")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
