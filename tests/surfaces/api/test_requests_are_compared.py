"""R118, R136: what people ask for through CompanyOS itself is compared, in shadow and after the switch, over HTTP."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from ruamel.yaml import YAML

from companyos.adoption.flags import queries as flags
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.domain.types import Move
from companyos.analytics.inbox import InboxLog
from companyos.cli.process import Process
from companyos.kernel.clock import VirtualClock
from companyos.people.identity import actions as identity
from companyos.people.identity import queries as people
from companyos.platform.instance import instance, run_as
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.approvals import actions as approvals

PROGRAM = Path(__file__).parents[3] / "program"
PLAN, FLAG, LEAD, SQUAD = "unified-approvals", "approvals.unified", "ana-ruiz", "maelle-girard"
MONDAY = datetime(2026, 11, 9, 9, tzinfo=UTC)
SHADOW = {"until": ["paths-agree"], "reverse_days": 2}
GATES = [
    {"name": "settled", "kind": "dwell"},
    {"name": "paths-agree", "kind": "shadow_mismatch", "at_most": 0.9, "min_n": 3},
]


class Running:
    """An instance whose only stage is the Pilot, on a clock of its own; its worker's turns are taken by hand."""

    def __init__(self, data: Path, folder: Path, client: Client) -> None:
        self.clock, self.client = VirtualClock(MONDAY), client
        program = load_program(folder)
        apply(program, now=MONDAY)
        self.process = Process(data, program, self.clock, InboxLog(data / "inbox"))
        pilot = rollouts.plan_of(PLAN)
        assert pilot is not None
        teams = pilot.stage("pilot").cohort[0].teams
        self.pilots = [p.slug for p in people.everybody() if p.team in teams]
        self.other = next(p.slug for p in people.everybody() if p.team == "sre")
        wanted = [*self.pilots, self.other, LEAD, SQUAD]
        self.keys = identity.issue_personal_keys(actor="test", people=wanted, now=MONDAY)

    def call(self, who: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"authorization": f"Bearer {self.keys[who]}"}
        if body is None:
            answer = self.client.get(f"/api/v1{path}", headers=headers)
        else:
            answer = self.client.post(
                f"/api/v1{path}", body, content_type="application/json", headers=headers
            )
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    def asks(self, who: str, amount: float) -> str:
        fields = {"purpose": "Train", "amount": amount, "spent_on": "2026-11-02"}
        ask = {"type": "expense-declaration", "tenant": "engineering-quality", "fields": fields}
        return str(self.call(who, "/requests", ask)["path"])

    def told(self, n: int) -> Any:
        """Return what the server says once `n` pairs are stored."""
        gives_up = time.monotonic() + 20
        while True:
            self.process._drain_what_was_seen()
            self.clock.set(self.clock.now() + timedelta(seconds=1))
            found = self.call(SQUAD, f"/shadow/{PLAN}")
            if found["compared"] >= n:
                return found
            assert time.monotonic() < gives_up, (found, self.process.pairs._shadow.counts)

    def tick(self, *, days: float = 0.0) -> None:
        self.clock.set(self.clock.now() + timedelta(days=days, minutes=1))
        self.process.controller.tick(self.clock.now(), gates=True)

    def variants(self) -> tuple[str, set[str]]:
        variant, who = flags.both_paths_of(FLAG)
        return variant, set().union(*who.values()) if who else set()


@pytest.fixture
def running(transactional_db: None, tmp_path: Path, client: Client) -> Iterator[Running]:
    before, folder = instance(), tmp_path / "program"
    shutil.copytree(PROGRAM, folder)
    plan = folder / "plans" / f"{PLAN}.yaml"
    document = YAML(typ="safe").load(plan)
    document.pop("risks")
    pilot = next(stage for stage in document["stages"] if stage["slug"] == "pilot")
    pilot = {**pilot, "shadow": SHADOW, "gates": GATES, "tasks": []}
    YAML().dump({**document, "stages": [pilot]}, plan)
    made = Running(tmp_path / "data", folder, client)
    yield made
    made.process.close()
    approvals.choose_paths_with(None)
    approvals.compare_paths_with(None)
    run_as(before)


def test_R118_requests_are_compared_in_shadow_and_after_the_switch(
    running: Running,
) -> None:
    version = rollouts.version_of(PLAN)
    assert version is not None
    running.process.controller.person_moves(
        actor=LEAD, plan=PLAN, wanted=Move.START, reason="as planned", version=version, now=MONDAY
    )
    assert running.variants() == ("shadow", set(running.pilots))

    # in shadow: the existing path answers, the chain runs beside; somebody who is not in shadow is not compared
    assert running.asks(running.other, 90) == "existing"
    assert [running.asks(who, 60 + n) for n, who in enumerate(running.pilots[:3])] == ["existing"] * 3
    found = running.told(3)
    assert (found["compared"], found["unexplained"], found["new_answered"]["compared"]) == (3, 0, 0)

    # the pairs agree: the stage switches over, and the existing path goes on running beside for two working days
    running.tick()
    assert rollouts.state(PLAN).switched_at is not None  # type: ignore[union-attr]
    assert running.variants() == ("reverse-shadow", set(running.pilots))
    assert running.asks(running.pilots[0], 4000) == "unified"
    found = running.told(4)
    assert (found["compared"], found["new_answered"]["compared"]) == (4, 1)
    (difference,) = found["classes"]
    assert (difference["places"], difference["new_answered"]) == (["/asked/budget-owner added"], 1)
    running.tick()
    state = rollouts.state(PLAN)
    assert state is not None
    gate = {g.name: g for g in rollouts.latest_gates(PLAN, "pilot", state.attempt)}["paths-agree"]
    assert "since the switch 1 of 1" in gate.because  # evidence of the gate, too

    # its days are over: the new path alone, and nothing is compared any more
    running.tick(days=2)
    assert running.variants()[1] == set()
    assert set(flags.cohort_of(FLAG)["engineering-quality"]) == set(running.pilots)
    assert running.asks(running.pilots[1], 4000) == "unified"
    assert running.told(4)["compared"] == 4
