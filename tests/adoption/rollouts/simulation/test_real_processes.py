"""Two controllers and a person as real processes on one database, stopped, continued and killed at random.

What a stalled process meant to write is refused when it wakes up; every change has its decision and its message.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

ROOT = Path(__file__).parents[4]
HERE = Path(__file__).parent
PATIENCE = 600  # seconds: a quiet machine makes hundreds of moves in a minute or two, a busy one a few dozen
_PREPARE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from companyos.cli.ground import stand_on
from companyos.cli.program import read_program
stand_on(Path(sys.argv[1])).release()
from companyos.surfaces.program.apply import apply
apply(read_program(Path("program")), now=datetime.now(UTC))
"""
_EXAMINE = """
import json, sys
from pathlib import Path
from companyos.cli.ground import use_django
use_django(Path(sys.argv[1]))
from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.cohorts import cohort_at
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.models import DecisionRecord, Rollout
from companyos.adoption.rollouts.queries import replay_all
from companyos.people.identity import queries as identity
from companyos.platform.models import OutboxMessage
row = Rollout.objects.get()
plan = Plan.from_document(row.document)
index = plan.index_of(row.stage) if row.stage else -1
index -= row.status == "rolled_back"
meant = people_of(cohort_at(plan, index, identity.everybody())) if index >= 0 else frozenset()
kept = list(DecisionRecord.objects.order_by("version"))
print(json.dumps({
    "version": row.version,
    "versions": [each.version for each in kept],
    "messages": OutboxMessage.objects.filter(topic="rollout.moved").count(),
    "chained": all(b.before["status"] is not None for b in kept),
    "disagree": [each.replay.because for each in replay_all() if not each.replay.agrees][:3],
    "on_as_meant": people_of(flags.cohort_of("approvals.unified")) == meant,
    "rulesets_up": [d.ruleset_version for d in kept if d.ruleset_version] == sorted(
        d.ruleset_version for d in kept if d.ruleset_version),
}))
"""


def python(code: str, *arguments: object) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr[-2000:]
    return told.stdout


class Cast:
    """The processes; one that was killed is started anew under its name."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed, self._starts = folder, seed, 0
        self.stop = folder / "stop"
        self.log = folder / "said.txt"
        self.running = {name: self._start(name) for name in ("one", "two", "person")}

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        self._starts += 1
        command = [sys.executable, str(HERE / "real_controller.py"), str(self._folder / "var"), name]
        command += [str(self._seed * 1000 + self._starts), str(self.stop)]
        with self.log.open("ab") as said:
            return subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)

    def disturb(self, dice: Random) -> None:
        """Stall one for a while, or kill it and start it anew."""
        name = dice.choice(list(self.running))
        process = self.running[name]
        if dice.random() < 0.02:
            process.kill()
            process.wait()
            self.running[name] = self._start(name)
            return
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(dice.uniform(0.01, 0.2))  # the stall itself, not a wait for something
        os.kill(process.pid, signal.SIGCONT)

    def lines(self) -> int:
        return self.log.read_bytes().count(b"\n")

    def end(self) -> str:
        self.stop.touch()
        for process in self.running.values():
            process.send_signal(signal.SIGCONT)
            assert process.wait(timeout=PATIENCE) == 0, self.log.read_text()[-2000:]
        return self.log.read_text()


def play(folder: Path, seed: int, *, moves: int) -> str:
    """Disturb the processes until so many moves were made, with patience; then examine what they left."""
    python(_PREPARE, folder / "var")
    dice, cast = Random(seed), Cast(folder, seed)
    until = time.monotonic() + PATIENCE
    while cast.lines() < moves and time.monotonic() < until:
        cast.disturb(dice)
    said = cast.end()
    seen = json.loads(python(_EXAMINE, folder / "var"))
    assert seen["versions"] == list(range(1, seen["version"] + 1)), f"seed {seed}"
    assert seen["messages"] == seen["version"], f"seed {seed}: a decision without its message, or twice"
    assert seen["disagree"] == [], f"seed {seed}"
    assert seen["on_as_meant"], f"seed {seed}: who is on is not what the last decision says"
    assert seen["rulesets_up"], f"seed {seed}"
    assert seen["version"] > moves / 4, f"seed {seed}: too little happened: {said[-500:]}"
    assert "Traceback" not in said, said[-3000:]
    return said


@pytest.mark.slow
def test_stalled_and_killed_processes_break_nothing(tmp_path: Path) -> None:
    assert play(tmp_path, seed=155, moves=15)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_stalled_and_killed_processes_break_nothing_in_hundreds_of_moves(tmp_path: Path, seed: int) -> None:
    assert "overtaken" in play(tmp_path, seed=seed, moves=400)
