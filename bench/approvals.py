"""Two real approvals logs: how fast they are imported, and how often a chain asks exactly who acted next.

The chains in `examples/approvals-logs` were written from the earlier half of each log (by the first act of its
cases) and are judged on the later half. The bar is half the mismatch of the majority-next-step baseline.
Needs the logs: BENCH_LOGS names their folder.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from companyos.kernel.business_time import WorkingCalendar
from companyos.work.approvals.domain.chain import Definition, definition_from
from companyos.work.approvals.domain.log_mapping import ImportedCase, case_of, mapping_from
from companyos.work.approvals.domain.log_replay import Judged, baseline, majority, replayed
from companyos.work.approvals.domain.logs import xes_traces

ROOT = Path(__file__).parents[1]
LOGS = Path(os.environ.get("BENCH_LOGS", ROOT.parent / "shared" / "data" / "approvals"))
WORDS = ROOT / "examples" / "approvals-logs"
RESULT = Path(__file__).parent / "results" / "approvals.json"
NAMES = {"domestic-declarations": "DomesticDeclarations", "request-for-payment": "RequestForPayment"}
CALENDAR = WorkingCalendar(ZoneInfo("UTC"))
_CHUNK = 256 * 1024


def cases_of(name: str) -> tuple[list[ImportedCase], int]:
    """The cases of a log that were sent, in the order in which they began, and how many were not."""
    mapping = mapping_from(YAML(typ="safe").load((WORDS / f"{name}.yaml").read_text()))
    with gzip.open(LOGS / f"{NAMES[name]}.xes.gz") as file:
        found = [case_of(trace, mapping)[0] for trace in xes_traces(iter(lambda: file.read(_CHUNK), b""))]
    cases = sorted((case for case in found if case), key=lambda case: case.acts[0].at)
    return cases, len(found) - len(cases)


def chain_of(name: str) -> Definition:
    return definition_from(YAML(typ="safe").load((WORDS / f"{name}-chain.yaml").read_text()))


def judged(name: str) -> tuple[Judged, Judged, Definition]:
    """The chain and the baseline on the later half, with the chain itself."""
    cases, _ = cases_of(name)
    earlier, later = cases[: len(cases) // 2], cases[len(cases) // 2 :]
    chain = chain_of(name)
    return replayed(later, chain, CALENDAR), baseline(later, majority(earlier)), chain


def main() -> int:
    if not LOGS.is_dir():
        print(f"There are no logs in {LOGS}; name their folder with BENCH_LOGS.")
        return 2
    results: dict[str, Any] = {}
    print(
        f"{'log':<24}{'acts':>8}{'chain':>9}{'baseline':>10}{'cases right':>13}{'outcomes':>10}{'rules':>7}"
    )
    for name in NAMES:
        ours, theirs, chain = judged(name)
        cases, outcomes = ours.cases_right / ours.cases, ours.outcomes_right / ours.cases
        print(
            f"{name:<24}{ours.points:>8,}{ours.share:>9.2%}{theirs.share:>10.2%}"
            f"{cases:>13.1%}{outcomes:>10.1%}{chain.size:>7}"
        )
        for each, n in ours.classes.most_common():
            print(f"    {n:>6,}  {each}")
        results[name] = {"chain": _plain(ours), "baseline": _plain(theirs), "rules": chain.size,
                         "meets_the_bar": ours.share <= theirs.share / 2}  # fmt: skip
    RESULT.write_text(json.dumps(results, indent=1) + "\n")
    missed = [name for name, result in results.items() if not result["meets_the_bar"]]
    print(
        f"The bar, half the baseline's mismatch, is {'missed on ' + ', '.join(missed) if missed else 'met'}."
    )
    return 1 if missed else 0


def _plain(found: Judged) -> dict[str, Any]:
    plain = asdict(found) | {"share": round(found.share, 5)}
    classes: Counter[str] = Counter(plain["classes"])
    return plain | {"classes": {str(name): n for name, n in classes.most_common()}}


if __name__ == "__main__":
    sys.exit(main())
