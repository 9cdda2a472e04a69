"""How often a rehearsal's Expand is taken back, with and without a planted regression, over seeds 1 to 20.

There is no peer to compare with: no other tool has the rule or the setting. The bars are shares: with the fault the
90 % interval of "taken back and later succeeded" reaches 80 %; without it that of "taken back" reaches down to 5 %.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from companyos.kernel.stats.binomial import lower_bound, upper_bound

SEEDS = range(1, int(os.environ.get("BENCH_SEEDS", "20")) + 1)
CASES = 5000
RESULT = Path(__file__).parent / "results" / "rollbacks.json"


@dataclass(frozen=True, slots=True)
class Run:
    """What one seed gave."""

    seed: int
    taken_back: bool
    succeeded: bool
    hours_to_rollback: float | None


def main() -> int:
    """Run all seeds twice, print and store the counts; 1 when a bar is missed."""
    faulty = [_run(seed, "regression@expand") for seed in SEEDS]
    sound = [_run(seed, None) for seed in SEEDS]
    mended = sum(run.taken_back and run.succeeded for run in faulty)
    false = sum(run.taken_back for run in sound)
    most_mended = upper_bound(mended, len(faulty), 0.95)
    least_false = lower_bound(false, len(sound), 0.95)
    print(
        f"with the fault:    {mended} of {len(faulty)} taken back and later succeeded (90 % up to {most_mended:.0%})"
    )
    print(f"without the fault: {false} of {len(sound)} taken back (90 % from {least_false:.0%})")
    result = {
        "cases": CASES,
        "with_fault": [asdict(r) for r in faulty],
        "without": [asdict(r) for r in sound],
    }
    RESULT.write_text(json.dumps({**result, "mended": mended, "false": false}, indent=1) + "\n")
    passed = most_mended >= 0.8 and least_false <= 0.05
    verdict = "bars met" if passed else "BAR MISSED"
    print(f"rollbacks: {verdict}: {mended}/{len(faulty)} mended, {false}/{len(sound)} false")
    return 0 if passed else 1


def _run(seed: int, fault: str | None) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command: Sequence[str] = [
            *(sys.executable, "-m", "companyos", "rehearse", "unified-approvals", "--seed", str(seed)),
            *("--cases", str(CASES), "--until", "harden", "--report", str(out)),
            *(("--fault", fault) if fault else ()),
        ]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        report = json.loads(out.read_text())
    attempts = [stage for stage in report["stages"] if stage["name"] == "expand"]
    back = [stage for stage in attempts if stage["state"] == "rolled_back"]
    succeeded = any(stage["state"] == "passed" for stage in attempts)
    print(f"  seed {seed:>2} {fault or 'no fault':<18} {[stage['state'] for stage in attempts]}", flush=True)
    return Run(seed, bool(back), succeeded, _hours(back[0]) if back else None)


def _hours(stage: dict[str, str]) -> float:
    from datetime import datetime

    spent = datetime.fromisoformat(stage["left_at"]) - datetime.fromisoformat(stage["entered_at"])
    return round(spent.total_seconds() / 3600, 1)
