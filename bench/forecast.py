"""Forecasts of the next cohort's stage against what then happens, in simulated companies of six kinds.

The bar: the nominal 80 % interval of the days until the stability gate passes covers 75 to 95 % in each setting,
over at least 400 companies (`BENCH_WORLDS`). Beside it the count of error sessions, and a Poisson forecast of it that
scales up the present cohort's stage, as one would do by hand.
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.random import Generator

from bench._company import PRE_DAYS, SCENARIOS, STAGE_DAYS, WEEK, a_company
from bench._judges import Baseline, Counted, counted, followed, learned
from companyos.kernel.stats.binomial import lower_bound, upper_bound
from companyos.kernel.stats.forecast import Band, Day, Forecast, History, Stage, band_of, forecast
from companyos.kernel.stats.stability import most_failures_to_pass

WORLDS = int(os.environ.get("BENCH_WORLDS", "400"))
PROCESSES = int(os.environ.get("BENCH_PROCESSES", "0")) or os.cpu_count() or 1
RESULT = Path(__file__).parent / "results" / "forecast.json"
SEED = 4
COVERS = 0.75, 0.95
_FULL = 400
_NEXT = 2, 3  # teams
_EXPOSED_ON = PRE_DAYS + STAGE_DAYS


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of company; `target` is the success share that the gate wants."""

    name: str
    scenario: str
    people: int
    baseline: float = 0.01
    times: float = 1.0
    target: float = 0.98


SETTINGS = (
    Setting("clean, 100 people", "clean", 100),
    Setting("typical, 30 people", "typical", 30),
    Setting("typical, 100 people", "typical", 100),
    Setting("typical, 300 people", "typical", 300),
    Setting("typical, 100 people, errors x2", "typical", 100, times=2.0, target=0.965),
    Setting("all adverse, 100 people", "all adverse", 100),
)


@dataclass(frozen=True, slots=True)
class Scored:
    """One company's forecasts and what happened."""

    days_inside: bool
    days_pit: float
    errors_inside: bool
    naive_inside: bool
    chance_to_pass: float
    passed: bool


def main() -> int:
    """Score all settings, print and store; 1 when a bar is missed."""
    began, rows, missed = time.monotonic(), {}, []
    print(f"{WORLDS} companies per setting, seed {SEED}; the 80 % interval covers what happened in % of them")
    print(f"{'':34}{'days to pass':>14}{'(PIT)':>8}{'errors':>9}{'by hand':>9}   came true when said to be …")
    with ProcessPoolExecutor(PROCESSES) as pool:
        for setting in SETTINGS:
            scored = list(pool.map(_scored, [setting] * WORLDS, range(WORLDS), chunksize=10))
            rows[setting.name] = row = _row(scored)
            if not _covers(row["days to pass"]):
                missed.append(setting.name)
            print(_line(setting.name, row), flush=True)
    seconds = time.monotonic() - began
    result = {"worlds": WORLDS, "seconds": round(seconds), "settings": rows, "missed": missed}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result | {"passed": not missed}, indent=1) + "\n")
    verdict = f"BAR MISSED in {', '.join(missed)}" if missed else "bars met"
    print(f"forecast: {verdict}: {len(SETTINGS) - len(missed)} of {len(SETTINGS)} in {seconds / 60:.1f} min")
    return 1 if missed else 0


def _covers(share: float) -> bool:
    low, high = COVERS
    if WORLDS >= _FULL:
        return low <= share <= high
    inside = round(share * WORLDS)
    return upper_bound(inside, WORLDS, 0.95) >= low and lower_bound(inside, WORLDS, 0.95) <= high


def _row(scored: list[Scored]) -> dict[str, Any]:
    def share(name: str) -> float:
        return sum(asdict(each)[name] for each in scored) / len(scored)

    bands = {}
    for band in Band:
        said = [each.passed for each in scored if band_of(each.chance_to_pass) is band]
        bands[band.value] = {"said": len(said), "came true": sum(said)}
    return {
        "days to pass": share("days_inside"),
        "days to pass, by randomised PIT": sum(0.1 <= each.days_pit <= 0.9 for each in scored) / len(scored),
        "errors": share("errors_inside"),
        "by hand": share("naive_inside"),
        "bands": bands,
    }


def _line(name: str, row: dict[str, Any]) -> str:
    bands = ", ".join(f"{band} {each['came true']}/{each['said']}" for band, each in row["bands"].items())
    shares = (row[key] for key in ("days to pass", "days to pass, by randomised PIT", "errors", "by hand"))
    return f"{name:34}" + "{:>14.0%}{:>8.0%}{:>9.0%}{:>9.0%}   ".format(*shares) + bands


def _scored(setting: Setting, world: int) -> Scored:
    rng = np.random.default_rng([SEED, SETTINGS.index(setting), world])
    company = a_company(
        rng,
        SCENARIOS[setting.scenario],
        people=setting.people,
        baseline=setting.baseline,
        times=setting.times,
        days=_EXPOSED_ON + STAGE_DAYS,
        next_teams_on=_EXPOSED_ON,
    )
    seen = counted(company, rng)
    rule = learned(seen, offsets := Baseline(seen).offsets())
    for _ in followed(rule, seen.stage, offsets):
        pass
    history = _history(seen)
    happened = _days(seen, range(_EXPOSED_ON, _EXPOSED_ON + STAGE_DAYS))
    asked = {"days": STAGE_DAYS, "effect": rule.effect(), "seed": world}
    until = forecast(history, lambda stage: _days_to_pass(stage, setting.target), **asked)
    errors = forecast(history, _errors, **asked)
    days = _days_to_pass(happened, setting.target)
    return Scored(
        _inside(until, days),
        until.pit(days, Random(world)),
        _inside(errors, _errors(happened)),
        _naive(seen, rng, _errors(happened)),
        until.chance(lambda day: day <= STAGE_DAYS),
        days <= STAGE_DAYS,
    )


def _history(seen: Counted) -> History:
    """Return the four weeks of the next cohort before its exposure."""
    start = _EXPOSED_ON - PRE_DAYS
    return History(tuple(_days(seen, range(day, day + WEEK)) for day in range(start, _EXPOSED_ON, WEEK)))


def _days(seen: Counted, days: range) -> Stage:
    ours = np.isin(seen.company.team, _NEXT)
    tasks, errors = seen.company.tasks[ours].sum(0).tolist(), seen.sessions[ours].sum(0).tolist()
    return tuple(Day(tasks[day], errors[day]) for day in days)


def _days_to_pass(stage: Stage, target: float) -> int:
    """Return the day at whose end the stability gate first passes; one more than the stage has when it never does."""
    tasks = failed = 0
    for number, day in enumerate(stage, 1):
        tasks, failed = tasks + day.tasks, failed + day.errors
        if failed <= most_failures_to_pass(tasks, target):
            return number
    return len(stage) + 1


def _errors(stage: Stage) -> int:
    return sum(day.errors for day in stage)


def _inside(told: Forecast, outcome: float) -> bool:
    interval = told.interval(0.8)
    return interval.low <= outcome <= interval.high


def _naive(seen: Counted, rng: Generator, errors: int) -> bool:
    """Scale up the errors of the cohort that is exposed now by head count, and take them for Poisson."""
    team, stage = seen.company.team, slice(PRE_DAYS, _EXPOSED_ON)
    now = int(seen.sessions[seen.company.exposed, stage].sum())
    heads = np.isin(team, _NEXT).sum() / seen.company.exposed.sum()
    low, high = np.quantile(rng.poisson(now * heads, 2000), (0.1, 0.9))
    return bool(low <= errors <= high)
