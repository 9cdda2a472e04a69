"""A running instance to measure: its own data directory, 50 flags and a key published to its edge."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from companyos.kernel.canonical_json import canonical, sha256_of

KEY = "bench-key"
FLAGS = 50
CONTEXT = {
    "targetingKey": "person-17",
    "tenant": "sales",
    "team": "platform-engineering",
    "email": "person-17@meridian.example",
    "appVersion": "2.3.1",
}
_FIRST_VERSION = 1_000_000  # far beyond what the instance publishes itself
_UNLIMITED = 1_000_000_000 - 1
_STARTS_WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class Running:
    """An instance that answers, how to sign in to it, and somebody's key for its management API."""

    process: subprocess.Popen[str]
    url: str
    port: int
    data: Path
    sign_in: str
    person_key: str


@contextlib.contextmanager
def running(*, processes: int, data: Path | None = None, port: int = 0) -> Iterator[Running]:
    """Start an instance with the bench's ruleset; stop it at the end."""
    with contextlib.ExitStack() as stack:
        folder = data or Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="companyos-bench-", ignore_cleanup_errors=True)
            )
        )
        person_key = _prepared(folder)
        publish(folder, 0)
        process = start(folder, processes=processes, port=port)
        try:
            yield _waited_for(process, folder, person_key)
        finally:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()


def start(data: Path, *, processes: int, port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "companyos", "up", "--data", str(data), "--port", str(port)]
    command += ["--processes", str(processes), "--rate", str(_UNLIMITED)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def publish(data: Path, step: int) -> int:
    """Publish the bench's ruleset once more, as version `step` of its own; returns the version."""
    version = _FIRST_VERSION + step
    folder = data / "edge"
    folder.mkdir(parents=True, exist_ok=True)
    document = _document(version)
    head = canonical({"version": version, "sha256": sha256_of(document)})
    fresh = folder / f"bench-{version}.new"
    fresh.write_bytes(head + b"\n" + canonical(document) + b"\n")
    fresh.replace(folder / f"ruleset-{version}.json")
    (folder / f"ruleset-{version - 3}.json").unlink(missing_ok=True)
    return version


def _document(version: int) -> dict[str, Any]:
    metadata = {"flagSetId": "companyos", "version": version, "fractional": "v2"}
    key = {
        "id": KEY,
        "sha256": hashlib.sha256(KEY.encode()).hexdigest(),
        "kind": "server",
        "scopes": ["evaluate", "sync", "ingest", "serving"],
        "tenants": ["*"],
        "origins": [],
    }
    flags = {f"flag-{number:02d}": _flag(number) for number in range(FLAGS)}
    return {
        "version": version,
        "published_at": datetime.now(UTC).isoformat(),
        "flag_sets": {"companyos": {"flags": flags, "metadata": metadata}},
        "keys": [key],
    }


def _flag(number: int) -> dict[str, Any]:
    """One flag of the four kinds in turn: plain; in a list and a suffix; a quarter; segment, version and a half."""
    half = {"fractional": [["on", 50], ["off", 50]]}
    targeting = [
        None,
        {
            "if": [
                {"and": [_in_tenants(), {"ends_with": [{"var": "email"}, "@meridian.example"]}]},
                "on",
                "off",
            ]
        },
        {"fractional": [["on", 25], ["off", 75]]},
        {"if": [{"and": [_in_tenants(), {"sem_ver": [{"var": "appVersion"}, ">=", "2.0.0"]}]}, half, "off"]},
    ][number % 4]
    default = "on" if targeting is None else "off"
    variants = {"on": True, "off": False}
    rule = {} if targeting is None else {"targeting": targeting}
    return {"state": "ENABLED", "variants": variants, "defaultVariant": default, **rule}


def _in_tenants() -> dict[str, Any]:
    return {"in": [{"var": "tenant"}, ["sales", "support", "corporate", "hr", "experimental-qa"]]}


_PREPARE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from companyos.cli.ground import stand_on
from companyos.cli.program import read_program
program = read_program(Path("program"))
stand_on(Path(sys.argv[1]))
from companyos.cli.up import prepare
from companyos.people.identity import actions
now, lead = datetime.now(UTC), program.plans[0].lead
prepare(program, now)
print(actions.issue_personal_keys(actor="bench", people=[lead], now=now)[lead])
"""


def _prepared(data: Path) -> str:
    """Make the tables and one person's key for the management API; returns the key."""
    command = [sys.executable, "-c", _PREPARE, str(data)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]


def _waited_for(process: subprocess.Popen[str], data: Path, person_key: str) -> Running:
    url = sign_in = ""
    deadline = time.monotonic() + _STARTS_WITHIN
    assert process.stdout is not None
    while not (url and sign_in):
        line = process.stdout.readline()
        if not line or time.monotonic() > deadline:
            raise RuntimeError("the instance did not start; what it said is above")
        if found := re.search(r"runs on (http://\S+)", line):
            url = found[1]
        if found := re.search(r"(http://\S+/sign-in/\S+)", line):
            sign_in = found[1]
    return Running(process, url, int(url.rpartition(":")[2]), data, sign_in, person_key)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def store(name: str, result: dict[str, Any]) -> None:
    path = Path(__file__).parent / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
