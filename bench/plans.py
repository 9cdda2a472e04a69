"""Plans in simulated companies of 30 to 300 people: do gates of accepted plans end with a verdict?

The bar: of the gates in accepted plans at most 5 % end without one, and at least 80 % of the companies get an accepted
plan through the repairs offered, not by judgements alone. Beside it the naive defaults: the same plan unchecked.
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from bench._plan_worlds import a_firm, answered, is_measured, verdicts
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.plan_check import check, repaired
from companyos.adoption.rollouts.domain.setting import Crowd, crowds_of, scaled
from companyos.people.identity.domain.types import PersonRow
from companyos.surfaces.program.load import load_program

COMPANIES = int(os.environ.get("BENCH_COMPANIES", "200"))
PROCESSES = int(os.environ.get("BENCH_PROCESSES", "0")) or os.cpu_count() or 1
RUNS = 3  # of each company's plan
RESULT = Path(__file__).parent / "results" / "plans.json"
PROGRAM = Path(__file__).parents[1] / "program"
SEED = 179
MOST_WITHOUT, LEAST_ACCEPTED = 0.05, 0.8


@dataclass(frozen=True, slots=True)
class Scored:
    """One company: what became of the naive plan, and of the one it was led to."""

    people: int
    naive_gates: int
    naive_without: int
    accepted: bool
    measured_repairs: int
    judgements: int
    gates: int
    without: int


def naive_plan() -> tuple[Plan, tuple[Crowd, ...]]:
    """The seed's plan with what is measured alone, and who joins at each stage of it."""
    program = load_program(PROGRAM)
    teams = {team.slug: team for team in program.teams}
    people = [
        PersonRow(p.slug, p.name, p.team, teams[p.team].department, teams[p.team].tenant)
        for p in program.people
    ]
    plan = program.plans[0]
    stages = tuple(
        replace(stage, gates=tuple(gate for gate in stage.gates if is_measured(gate)), tasks=())
        for stage in plan.stages
    )
    return replace(plan, stages=stages), crowds_of(plan, people)


def scored(seed: int) -> Scored:
    """Check, repair and run the plan of one company."""
    random = Random(SEED * 1_000_000 + seed)
    firm = a_firm(random)
    plan, crowds = naive_plan()
    crowds = scaled(crowds, len(firm.people))
    after, taken = repaired(plan, crowds, firm.told)
    accepted = check(after, crowds, firm.told, repairs=False).accepted
    naive = [answered(v) for _ in range(RUNS) for _, v in verdicts(firm, plan, crowds, random)]
    real = (
        [answered(v) for _ in range(RUNS) for _, v in verdicts(firm, after, crowds, random)]
        if accepted
        else []
    )
    return Scored(
        len(firm.people),
        len(naive),
        naive.count(False),
        accepted,
        sum(repair.measures for repair in taken),
        sum(not repair.measures for repair in taken),
        len(real),
        real.count(False),
    )


def main() -> int:
    """Score all companies, print and store; 1 when a bar is missed."""
    began = time.monotonic()
    with ProcessPoolExecutor(PROCESSES) as pool:
        rows = list(pool.map(scored, range(COMPANIES), chunksize=4))
    naive = sum(row.naive_without for row in rows) / sum(row.naive_gates for row in rows)
    without = sum(row.without for row in rows) / max(1, sum(row.gates for row in rows))
    helped = sum(row.accepted and row.measured_repairs > row.judgements for row in rows) / len(rows)
    figures = {
        "companies": len(rows),
        "naive defaults: gates without verdict": round(naive, 4),
        "accepted plans: gates without verdict": round(without, 4),
        "companies with an accepted plan": round(sum(row.accepted for row in rows) / len(rows), 4),
        "... mostly through repairs that measure": round(helped, 4),
        "... without any judgement": round(sum(r.accepted and not r.judgements for r in rows) / len(rows), 4),
        "repairs that are judgements": round(
            sum(r.judgements for r in rows) / max(1, sum(r.judgements + r.measured_repairs for r in rows)), 4
        ),
    }
    for name, figure in figures.items():
        print(f"{name:44}{figure:>10}" if name == "companies" else f"{name:44}{figure:>10.1%}")
    missed = without > MOST_WITHOUT or helped < LEAST_ACCEPTED
    seconds = round(time.monotonic() - began)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({**figures, "seconds": seconds, "passed": not missed}, indent=1) + "\n")
    print(f"plans: {'BAR MISSED' if missed else 'bars met'} in {seconds} s")
    return 1 if missed else 0
