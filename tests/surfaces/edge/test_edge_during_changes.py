"""Many changes under many questions: no answer mixes versions, no version goes back, no half file is served."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from edge_client import Client
from edge_server import Running, document, process, write

from companyos.kernel.canonical_json import canonical, sha256_of

ALL = "/ofrep/v1/evaluate/flags"
CHANGES = 10_000
ASKING = 64
FLAGS = 12


def numbered(version: int) -> dict[str, Any]:
    """A ruleset each of whose flags says its version: as its value, chosen by a rule, and as metadata."""
    content = document(version)
    rule = {"if": [{"==": [{"var": "tenant"}, "sales"]}, "now", "other"]}
    flag = {
        "state": "ENABLED",
        "variants": {"now": version, "other": -1},
        "defaultVariant": "other",
        "targeting": rule,
    }
    served = content["flag_sets"]["companyos"]
    served["flags"] = {f"flag-{n:02d}": flag for n in range(FLAGS)}
    return content


def fast_write(folder: Path, content: dict[str, Any]) -> None:
    """Publish, and clear away what is long past."""
    write(folder, content)
    (folder / f"ruleset-{content['version'] - 4}.json").unlink(missing_ok=True)


def versions_in(answer: Any) -> set[int]:
    flags = answer["flags"]
    assert len(flags) == FLAGS
    told = {flag["value"] for flag in flags} | {flag["metadata"]["version"] for flag in flags}
    return told | {answer["metadata"]["version"]}


@pytest.mark.parametrize(
    "changes", [pytest.param(1000, id="1000"), pytest.param(CHANGES, id="10000", marks=pytest.mark.slow)]
)
def test_no_answer_mixes_two_versions_and_none_goes_back(running: Running, changes: int) -> None:
    write(running.rulesets, numbered(2))
    running.edge.reload()
    done = asyncio.Event()

    async def ask() -> int:
        client, last, asked = Client(running.port), 0, 0
        while not done.is_set():
            status, answer = await client.post(ALL, {"context": {"targetingKey": "x", "tenant": "sales"}})
            (version,) = versions_in(answer)
            assert status == 200
            assert version >= last
            last, asked = version, asked + 1
        await client.close()
        return asked

    async def change() -> None:
        def all_of_them() -> None:
            for version in range(3, changes + 3):
                fast_write(running.rulesets, numbered(version))
                assert running.edge.reload() == version

        await asyncio.to_thread(all_of_them)
        done.set()

    async def both() -> list[Any]:
        return await asyncio.gather(change(), *(ask() for _ in range(ASKING)))

    asked = asyncio.run(both())
    assert sum(asked[1:]) > changes // 10  # there were questions all the while


PUBLISHER = """
import json, sys
from pathlib import Path
sys.path[:0] = json.loads(sys.argv[3])
from companyos.adoption.flags import jobs
from companyos.kernel.canonical_json import canonical, sha256_of
from test_edge_during_changes import numbered
folder, version = Path(sys.argv[1]), int(sys.argv[2])
while True:
    version += 1
    content = numbered(version)
    head = canonical({"version": version, "sha256": sha256_of(content)})
    jobs._write_where_it_differs(folder / f"ruleset-{version}.json", head + b"\\n" + canonical(content) + b"\\n")
    jobs._forget_old(folder, version)
    print(version, flush=True)
"""


def test_a_publisher_killed_at_any_moment_leaves_a_whole_ruleset(tmp_path: Path) -> None:
    """R: kill -9 during publish. Whatever file it was at, the edge serves the last one that was whole."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    dice, folder = random.Random(seed), tmp_path / "edge"
    write(folder, numbered(1))
    version = 1
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "companyos.settings"}
    setup = "import django; django.setup()\n"
    for _ in range(4):
        command = [sys.executable, "-c", setup + PUBLISHER, str(folder), str(version), json.dumps(sys.path)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as publisher:
            assert publisher.stdout is not None
            for _ in range(dice.randrange(1, 30)):
                version = int(publisher.stdout.readline())
            publisher.send_signal(signal.SIGKILL)
        with process(tmp_path) as (_, port):
            answer = asyncio.run(_all(port))
            (served,) = versions_in(answer)
            assert served >= version  # what was said to be published is served
            version = served


async def _all(port: int) -> Any:
    client = Client(port)
    status, answer = await client.post(ALL, {"context": {"targetingKey": "x", "tenant": "sales"}})
    await client.close()
    assert status == 200
    return answer


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_file_torn_at_any_place_is_passed_over(running: Running, cut: int) -> None:
    content = numbered(2)
    whole = canonical({"version": 2, "sha256": sha256_of(content)}) + b"\n" + canonical(content) + b"\n"
    path = running.rulesets / "ruleset-2.json"
    path.write_bytes(whole[: len(whole) * cut // 12])
    assert running.edge.reload() == 1
    path.write_bytes(whole)
    assert running.edge.reload() == 2
