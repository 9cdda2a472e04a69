"""wrk (https://github.com/wg/wrk): closed-loop load on one address."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What one run gave."""

    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int  # answers that are no 2xx or 3xx, and broken connections

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def is_there() -> bool:
    return shutil.which("wrk") is not None


def load(
    url: str, *, headers: Mapping[str, str] | None = None, body: str | None = None, seconds: int = 4
) -> Load:
    """Load `url` from 16 connections of one thread; with a body it is posted."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_script(headers or {}, body))
        script.flush()
        command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "--latency", "-s", script.name, url]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return _read(told)


def _script(headers: Mapping[str, str], body: str | None) -> str:
    lines = [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()]
    if body is not None:
        lines += ['wrk.method = "POST"', f"wrk.body = {json.dumps(body)}"]
    return "\n".join(lines) + "\n"


def _read(told: str) -> Load:
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    failed = int(refused[1]) if refused else 0
    return Load(
        float(_found(r"Requests/sec:\s+([\d.]+)", told)[1]),
        _milliseconds(told, "50%"),
        _milliseconds(told, "99%"),
        failed + (sum(map(int, broken.groups())) if broken else 0),
    )


def _milliseconds(told: str, share: str) -> float:
    number, unit = _found(rf"{share}\s+([\d.]+)(us|ms|s|m)", told).groups()
    return round(float(number) * _UNITS[unit], 3)


def _found(pattern: str, told: str) -> re.Match[str]:
    found = re.search(pattern, told)
    if found is None:
        raise RuntimeError(f"wrk said something else than expected:\n{told}")
    return found
