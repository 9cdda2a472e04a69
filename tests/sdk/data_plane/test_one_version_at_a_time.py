"""64 evaluators during 10,000 changes: no value off a published version, none going back, no bulk of two versions."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from pathlib import Path
from time import sleep

from flag_server import FLAGS, document
from watched import FlagServer, Make, until

from companyos_sdk.facade import Flags
from companyos_sdk.provider import CompanyOSProvider
from companyos_sdk.serving import Unusable

CHANGES = 10_000
EVALUATORS = 64


def _body(version: int) -> bytes:
    return json.dumps(document(version)).encode()


class Evaluator(threading.Thread):
    def __init__(self, flags: Flags, over: threading.Event) -> None:
        super().__init__()
        self.flags, self.over, self.asked, self.problems = flags, over, 0, list[str]()

    def run(self) -> None:
        newest = 0
        while not self.over.is_set():
            for ask in (self.one, self.all):
                found = ask()
                if found < newest:
                    self.problems.append(f"version {found} after {newest}")
                newest = max(newest, found)
                self.asked += 1
            sleep(0.02)  # 64 that never paused would only measure the interpreter's lock

    def one(self) -> int:
        return self.flags.integer("number-0", -1)

    def all(self) -> int:
        bulk = self.flags.all()
        values = {bulk[f"number-{i}"] for i in range(FLAGS)}
        if values != {bulk.version} or bulk["text"] != f"version {bulk.version}":
            self.problems.append(f"one bulk of {values}")
        return bulk.version


def _evaluate_while(flags: Flags, change: Callable[[], None]) -> list[Evaluator]:
    over = threading.Event()
    evaluators = [Evaluator(flags, over) for _ in range(EVALUATORS)]
    for evaluator in evaluators:
        evaluator.start()
    try:
        change()
    finally:
        over.set()
        for evaluator in evaluators:
            evaluator.join()
    return evaluators


def test_64_evaluators_during_10_000_changes() -> None:
    """Changes come in as the follower hands them on, one in twenty of them late, double or cut off."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    provider = CompanyOSProvider("http://127.0.0.1:9", key="none")
    provider.took(_body(1), None)

    def change() -> None:
        for version in range(2, CHANGES + 2):
            provider.took(_body(version), f'"{version}"')
            if dice.random() < 0.05:
                for bad in (_body(dice.randrange(1, version)), _body(version), _body(version + 1)[:-9]):
                    _offer(provider, bad)

    evaluators = _evaluate_while(Flags(provider), change)

    assert [problem for evaluator in evaluators for problem in evaluator.problems] == []
    assert min(evaluator.asked for evaluator in evaluators) > 20
    assert provider.version == CHANGES + 1


def _offer(provider: CompanyOSProvider, body: bytes) -> None:
    try:
        provider.took(body, None)
    except Unusable:
        return


def test_64_evaluators_while_a_real_server_changes(
    server: FlagServer, provider_of: Make, tmp_path: Path
) -> None:
    seen = provider_of(server, bootstrap=tmp_path / "flags.json")
    seen.initialize()

    def change() -> None:
        for version in range(2, 42):
            server.tell(version=version)
            until(lambda wanted=version: seen.provider.version == wanted)  # type: ignore[misc]

    evaluators = _evaluate_while(Flags(seen.provider), change)

    assert [problem for evaluator in evaluators for problem in evaluator.problems] == []
