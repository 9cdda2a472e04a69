"""Importing the SDK costs little processor time, pulls no Django, and loads HTTP only to fetch something."""

from __future__ import annotations

import subprocess
import sys

import pytest

MOST_MS = 150

SCRIPT = """
import sys, time
began = time.process_time()
import {what}
print((time.process_time() - began) * 1000, *sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


def _imported(what: str) -> tuple[float, set[str]]:
    printed = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(what=what)], capture_output=True, text=True, check=True
    ).stdout.split()
    return float(printed[0]), set(printed[1:])


@pytest.mark.parametrize(
    "what",
    [
        "companyos_sdk",
        "companyos_sdk.evaluator",
        "companyos_sdk.provider, companyos_sdk.facade, companyos_sdk.telemetry",
        "companyos_sdk.shadow.api, companyos_sdk.shadow.asgi, companyos_sdk.shadow.processes",
    ],
)
def test_importing_takes_little_time_and_pulls_little_in(what: str) -> None:
    runs = [_imported(what) for _ in range(5)]

    assert not runs[0][1] & {"django", "httpx", "httpcore", "anyio", "companyos", "grpc", "requests"}
    assert min(took for took, _modules in runs) <= MOST_MS


def test_the_front_names_are_there() -> None:
    import companyos_sdk

    assert [getattr(companyos_sdk, name).__name__ for name in companyos_sdk.__all__] == companyos_sdk.__all__
    with pytest.raises(AttributeError):
        companyos_sdk.absent  # noqa: B018
