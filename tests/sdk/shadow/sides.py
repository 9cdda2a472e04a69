"""Candidates that a process can import, well and badly behaved."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import Any

REQUEST = {"amount": 500}
ANSWER = {"to": "finance", "amount": 500}
ABOUT = {"tenant": "sales", "targetingKey": "ada", "case": "c-1", "variant": "large"}


def route(request: dict[str, Any]) -> dict[str, Any]:
    return {"to": "finance" if request["amount"] > 100 else "lead", "amount": request["amount"]}


def other_route(request: dict[str, Any]) -> dict[str, Any]:
    return {**route(request), "to": "cfo"}


def raises(_: Any) -> None:
    raise LookupError("no approver")


def refuses(_: Any) -> None:
    raise PermissionError("not yours")


RELEASED = threading.Event()  # at the end of a test, so that no thread outlives it


def hangs(_: Any) -> None:
    RELEASED.wait(10)


def says_its_number_and_spins(_: Any) -> None:
    os.write(2, f"{os.getpid()}\n".encode())
    while True:
        pass


def huge(_: Any) -> bytes:
    return b"x" * 100_000_000


def greedy(_: Any) -> int:
    return len([bytearray(10_000_000) for _ in range(1_000)])


def dies(_: Any) -> None:
    os._exit(3)


def burns(_: Any) -> int:
    return sum(n * n for n in range(3_000_000))


def prints(request: dict[str, Any]) -> dict[str, Any]:
    print("to the standard output")  # noqa: T201
    os.write(1, b"and past Python")
    return route(request)


def changes_its_input(request: dict[str, Any]) -> dict[str, Any]:
    answer = route(request)
    request["amount"] = 0
    return answer


def connects(request: dict[str, Any]) -> dict[str, Any]:
    try:
        socket.create_connection(("127.0.0.1", 9), timeout=1).close()
    except Exception:  # noqa: BLE001, RUF100  (a candidate that hides what it did)
        return route(request)
    return route(request)


def writes(request: dict[str, Any]) -> dict[str, Any]:
    Path("/tmp/companyos-shadow-was-here").write_text("!")  # noqa: S108
    return route(request)


async def aroute(request: dict[str, Any]) -> dict[str, Any]:
    return route(request)


async def ahangs(_: Any) -> None:
    import asyncio

    await asyncio.sleep(10)
