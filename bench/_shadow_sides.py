"""Candidates for the benchmark of shadow runs: well and badly behaved, importable in another process."""

from __future__ import annotations

import os
import time
from typing import Any

CONTROL_SECONDS = 0.005


def route(request: dict[str, Any]) -> dict[str, Any]:
    """A control and candidate that cost next to nothing, so that what is measured is ours."""
    return {"to": "finance" if request["amount"] > 100 else "lead", "amount": request["amount"]}


def control(request: dict[str, Any]) -> dict[str, Any]:
    """An ordinary call: it waits for a database, and computes a little."""
    time.sleep(CONTROL_SECONDS)
    return route(request)


def crashes(_: Any) -> None:
    raise RuntimeError("planted")


def hangs(_: Any) -> None:
    time.sleep(10)


def waits_long(request: dict[str, Any]) -> dict[str, Any]:
    time.sleep(100 * CONTROL_SECONDS)
    return route(request)


def huge(_: Any) -> bytes:
    return os.urandom(1) * 100_000_000


def dies(_: Any) -> None:
    os._exit(3)


def burns(request: dict[str, Any]) -> dict[str, Any]:
    ends = time.process_time() + 100 * CONTROL_SECONDS
    while time.process_time() < ends:
        pass
    return route(request)


def greedy(_: Any) -> int:
    return len([bytearray(10_000_000) for _ in range(1_000)])
