"""How often a rehearsal's Expand is taken back, with and without a planted regression, over seeds 1 to 20.

There is no peer to compare with: no other tool has the rule or the setting. The bars are shares: with the fault the
90 % interval of "taken back by the guardrail and later succeeded" reaches 80 %; without it that of "taken back by
the guardrail" reaches down to 5 %. What a person takes back, a working day after a gate began to fail, counts apart.

As many cases are sampled as the log of the main job has. What a seed gives does not depend on the machine, so a run
that was stopped goes on where it was: `BENCH_RESUME=1` keeps what the file of results already holds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from companyos.kernel.stats.binomial import lower_bound, upper_bound

SEEDS = range(1, int(os.environ.get("BENCH_SEEDS", "20")) + 1)
CASES = int(os.environ.get("BENCH_CASES", "10357"))
AT_ONCE = int(os.environ.get("BENCH_AT_ONCE", "2"))
RESUME = bool(os.environ.get("BENCH_RESUME"))
RESULT = Path(__file__).parent / "results" / "rollbacks.json"


BY_ITSELF = "a_breach_rolls_back"


@dataclass(frozen=True, slots=True)
class Run:
    """What one seed gave."""

    seed: int
    taken_back_by: str  # the rule that took Expand back the first time; empty for none
    succeeded: bool
    hours_to_rollback: float | None

    @property
    def by_itself(self) -> bool:
        return self.taken_back_by == BY_ITSELF


def main() -> int:
    """Run all seeds twice, print and store the counts; 1 when a bar is missed."""
    result = _begun()
    faulty = _runs(result, "with_fault", "regression@expand")
    sound = _runs(result, "without", None)
    mended = sum(run.by_itself and run.succeeded for run in faulty)
    false = sum(run.by_itself for run in sound)
    most_mended = upper_bound(mended, len(faulty), 0.95)
    least_false = lower_bound(false, len(sound), 0.95)
    print(
        f"with the fault:    {_said(faulty)}; by itself and mended {mended}, 90 % interval "
        f"{lower_bound(mended, len(faulty), 0.95):.0%} to {most_mended:.0%}; {_by_anybody(faulty)}"
    )
    print(f"without the fault: {_said(sound)}; 90 % interval of false alarms from {least_false:.0%}")
    passed = most_mended >= 0.8 and least_false <= 0.05
    _store(result, mended_by_itself=mended, false_alarms=false, passed=passed)
    verdict = "bars met" if passed else "BAR MISSED"
    print(f"rollbacks: {verdict}: {mended}/{len(faulty)} mended, {false}/{len(sound)} false alarms")
    return 0 if passed else 1


def _runs(result: dict[str, Any], half: str, fault: str | None) -> list[Run]:
    """Run the seeds that the result does not hold yet, some at once; each is stored as soon as it ends."""
    known = {each["seed"]: Run(**each) for each in result[half]}
    missing = [seed for seed in SEEDS if seed not in known]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for run in pool.map(lambda seed: _run(seed, fault), missing):
            known[run.seed] = run
            _store(result, **{half: [asdict(known[seed]) for seed in sorted(known)]})
    return [known[seed] for seed in SEEDS]


def _begun() -> dict[str, Any]:
    result: dict[str, Any] = json.loads(RESULT.read_text()) if RESUME and RESULT.exists() else {}
    return result if result.get("cases") == CASES else {"cases": CASES, "with_fault": [], "without": []}


def _store(result: dict[str, Any], **found: Any) -> None:
    result.update(found)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n")


def _by_anybody(runs: Sequence[Run]) -> str:
    mended = sum(bool(run.taken_back_by) and run.succeeded for run in runs)
    low, high = lower_bound(mended, len(runs), 0.95), upper_bound(mended, len(runs), 0.95)
    return f"by the guardrail or a person and mended {mended}, {low:.0%} to {high:.0%}"


def _said(runs: Sequence[Run]) -> str:
    by_people = sum(bool(run.taken_back_by) and not run.by_itself for run in runs)
    succeeded = sum(run.succeeded for run in runs)
    return (
        f"{sum(run.by_itself for run in runs)} of {len(runs)} taken back by the guardrail,"
        f" {by_people} by a person; {succeeded} passed Expand in the end"
    )


def _run(seed: int, fault: str | None) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        report = _rehearsed(seed, fault, Path(folder))
    attempts = [stage for stage in report["stages"] if stage["name"] == "expand"]
    back = [stage for stage in attempts if stage["state"] == "rolled_back"]
    rules = [
        each["rule"]
        for each in report["decisions"]
        if each["move"] == "roll_back" and each["stage"] == "expand"
    ]
    succeeded = any(stage["state"] == "passed" for stage in attempts)
    run = Run(seed, rules[0] if rules else "", succeeded, _hours(back[0]) if back else None)
    print(
        f"  seed {seed:>2} {fault or 'no fault':<18} {[stage['state'] for stage in attempts]} {run.taken_back_by}",
        flush=True,
    )
    return run


def _rehearsed(seed: int, fault: str | None, folder: Path) -> dict[str, Any]:
    out = folder / "out.json"
    command: Sequence[str] = [
        *(sys.executable, "-m", "companyos", "rehearse", "unified-approvals", "--seed", str(seed)),
        *("--cases", str(CASES), "--until", "harden", "--report", str(out), "--data", str(folder / "data")),
        *(("--fault", fault) if fault else ()),
    ]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    report: dict[str, Any] = json.loads(out.read_text())
    return report


def _hours(stage: dict[str, str]) -> float:
    spent = datetime.fromisoformat(stage["left_at"]) - datetime.fromisoformat(stage["entered_at"])
    return round(spent.total_seconds() / 3600, 1)
