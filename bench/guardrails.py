"""Guardrails: false rollbacks, power and delay of the product's rules beside four others on the same streams.

`BENCH_RUNS` sets the simulated stages per cell (1,000); below 1,000 a bar counts as missed only when the 95 % bound of
what was measured misses it too. `BENCH_PROCESSES` sets the processes (all cores). `BENCH_PIECE` stops it after so many
minutes; run it again to go on where it stopped. `BENCH_PARTS` names the parts to measure, by commas: experiments,
randomised, power, safety, or a kind of company; what the result file says of the other parts stays. `BENCH_SEED` is
the seed of the companies, named by their tables. `BENCH_PEER=0` leaves gbstats out: it costs as much as all the rest.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

from bench import _gbstats
from bench._bars import Bar, kept_with_earlier
from bench._cells import Cells, PieceOver
from bench._company import EXPOSED_PEOPLE, SCENARIOS, STAGE_DAYS
from bench._randomised import DRAWS, EXPERIMENTS, Draw, found_at, real_experiments, summary_of
from bench._randomised import SEED as DRAW_SEED
from bench._teams import RULES, SEED, Setting, Stage, acted_in, median_of, simulated
from companyos.kernel.stats.guardrail_power import Traffic, chance_to_catch, days_to_catch

RUNS = int(os.environ.get("BENCH_RUNS", "1000"))
PROCESSES = int(os.environ.get("BENCH_PROCESSES", "0")) or os.cpu_count() or 1
TEAM_SEED = int(os.environ.get("BENCH_SEED", SEED))
WITH_PEER = os.environ.get("BENCH_PEER", "1") != "0"
PIECE = float(os.environ.get("BENCH_PIECE", "0"))
UNFINISHED = 3
RESULT = Path(__file__).parent / "results" / "guardrails.json"
LOCAL = "local incident x10"
HARMS = {"1->5 %": (0.01, 0.05), "2->10 %": (0.02, 0.10), "1->50 %": (0.01, 0.50)}
PLANTED = 1.0, 1.1, 1.25, 2.0  # times as many conversions as were counted
FEW = 2_000  # people of an experiment, about as many as a company has
PARTS = ("experiments", "randomised", "power", "safety", *SCENARIOS)
ONLY = tuple(part.strip() for part in os.environ.get("BENCH_PARTS", "").split(",") if part.strip())

POWER = {  # people -> bars: found 1->5 %, median days, found 2->10 %
    30: (0.70, 4.5, 0.77),
    100: (0.88, 2.0, 0.92),
    300: (0.95, 0.8, 0.97),
}


def main() -> int:
    """Run the parts asked for, print tables, store the result; 1 when a bar is missed."""
    began, skipped = time.monotonic(), _gbstats.prepared() if WITH_PEER else "left out"
    print(f"{RUNS} stages per cell, seeds {TEAM_SEED} and {DRAW_SEED}, {PROCESSES} processes")
    print(f"gbstats: {skipped or 'sequential, absolute difference, N* = 5000, in its own environment'}")
    with ProcessPoolExecutor(PROCESSES) as pool:
        bench = _Bench(Cells(pool, PROCESSES, piece_minutes=PIECE), not skipped)
        bars: list[Bar] = []
        still_open = bench.run(ONLY or PARTS, bars)
    print("\n" + "\n".join(map(str, bars)))
    passed = kept_with_earlier(RESULT, tables=bench.tables, bars=bars, still_open=still_open, runs=RUNS)
    minutes, met = (time.monotonic() - began) / 60, sum(bar.met for bar in bars)
    if still_open:
        print(
            f"guardrails: this piece is over at {still_open[0]}; {met} of {len(bars)} bars met; run it again"
        )
        return UNFINISHED
    print(f"guardrails: {'bars met' if passed else 'BAR MISSED'}: {met} of {len(bars)} in {minutes:.0f} min")
    return 0 if passed else 1


class _Bench:
    def __init__(self, cells: Cells, with_gbstats: bool) -> None:
        self._cells, self._with_gbstats = cells, with_gbstats
        self.tables: dict[str, Any] = {}

    def run(self, parts: Sequence[str], bars: list[Bar]) -> list[str]:
        """Measure `parts` into `bars`; returns those that a piece did not finish, with how far it came."""
        for at, part in enumerate(parts):
            try:
                for bar in self._part(part):  # one by one: a part that ends early keeps what it has
                    bars.append(bar)
            except PieceOver as piece:
                return [f"{part} ({piece})", *parts[at + 1 :]]
        return []

    def _part(self, part: str) -> Iterator[Bar]:
        if part in SCENARIOS:
            yield from self.false_rollbacks(part)
        elif part == "experiments":
            self.experiments()
        else:
            yield from {"randomised": self.randomised, "power": self.power, "safety": self.safety}[part]()

    def false_rollbacks(self, scenario: str) -> Iterator[Bar]:
        """No harm: the share of stages that each rule takes back in one kind of company, four sizes."""
        sizes = tuple(EXPOSED_PEOPLE)
        print(f"\n{scenario}: false rollbacks in % of stages, {'/'.join(map(str, sizes))} people")
        cells = [self._stages(Setting(scenario, people, seed=TEAM_SEED)) for people in sizes]
        rules = [rule for rule in RULES if self._with_gbstats or rule != "gbstats"]
        shares = {rule: [acted_in(stages, rule) for stages in cells] for rule in rules}
        print("  " + ", ".join(f"{rule} {_percents(each)}" for rule, each in shares.items()), flush=True)
        self._keep(f"false rollbacks, {scenario}", cells, shares)
        yield from self._no_more_than(scenario, cells, shares)
        if scenario == "typical":
            yield from self._copies(cells, sizes)

    def _no_more_than(
        self, scenario: str, cells: list[list[Stage]], shares: dict[str, list[float]]
    ) -> Iterator[Bar]:
        limits = (
            {"did_split": 0.20, "two days": 0.07} if scenario == LOCAL else dict.fromkeys(RULES[:2], 0.05)
        )
        for rule, limit in limits.items():
            for people, stages, share in zip(EXPOSED_PEOPLE, cells, shares[rule], strict=True):
                name = f"false rollbacks, {rule}, {scenario}, {people} people"
                yield Bar(name, share, limit, False, len(stages))

    def _copies(self, cells: list[list[Stage]], sizes: tuple[int, ...]) -> Iterator[Bar]:
        merged, product = (
            [acted_in(stages, f"five copies {how}") for stages in cells] for how in ("merged", "multiplied")
        )
        self._keep("five copies", cells, {"merged": merged, "multiplied": product})
        print(f"{'  five copied metrics':34} merged {_percents(merged)}, multiplied {_percents(product)}")
        for people, stages, share in zip(sizes, cells, merged, strict=True):
            yield Bar(f"five copied metrics merged, {people} people", share, 0.05, False, len(stages))

    def power(self) -> Iterator[Bar]:
        """Harm in the typical company: found within ten days, median days and exposed tasks until then."""
        print("\npower of did_split in ten days, ten tasks a day: found, median days, median exposed tasks")
        print("(in brackets what `guardrail_power` tells a plan beforehand)")
        for people, (found_5, days_5, found_10) in POWER.items():
            row = {}
            for name, (before, harmful) in HARMS.items():
                setting = Setting("typical", people, before, harmful - before, peers=False, seed=TEAM_SEED)
                row[name] = _found(self._stages(setting, runs=_power_runs(people)))
                told = _told(people, before, harmful)
                found, days, tasks = row[name]
                print(
                    f"{people:>5} people {name:9} {found:6.1%} {days:5.1f} d {tasks:5.0f} t   ({told})",
                    flush=True,
                )
            self.tables[_of_seed(f"power, {people} people")] = row
            yield Bar(f"1->5 % found, {people} people", row["1->5 %"][0], found_5, True, _power_runs(people))
            yield Bar(f"1->5 % median days, {people} people", row["1->5 %"][1], days_5, False)
            yield Bar(
                f"2->10 % found, {people} people", row["2->10 %"][0], found_10, True, _power_runs(people)
            )
            yield Bar(f"breakage found, {people} people", row["1->50 %"][0], 0.99, True, _power_runs(people))
            yield Bar(f"breakage median exposed tasks, {people} people", row["1->50 %"][2], 25, False)

    def safety(self) -> Iterator[Bar]:
        """How often a stage may be left by day 5 and 10, without harm and when errors truly tripled."""
        print("\nsafe to advance at the end of any of the first 5 / 10 days: without harm, at a true x3")
        for people in POWER:
            sound, tripled = (
                self._stages(Setting("typical", people, times=times, peers=False, seed=TEAM_SEED))
                for times in (1.0, 3.0)
            )
            passes = {
                name: [sum(stage.is_safe_by(day) for stage in stages) / len(stages) for day in (5, 10)]
                for name, stages in (("no harm", sound), ("x3", tripled))
            }
            self._keep(f"safe to advance, {people} people", [sound, tripled], passes)
            print(
                f"{people:>5} people   no harm {_percents(passes['no harm'])}   x3 {_percents(passes['x3'])}"
            )
            for day, share in zip((5, 10), passes["x3"], strict=True):
                yield Bar(
                    f"wrongly safe at x3 by day {day}, {people} people", share, 0.15, False, len(tripled)
                )

    def randomised(self) -> Iterator[Bar]:
        """People drawn at random: false alarms, and people seen until a regression is found."""
        print(f"\n{'people drawn at random':34}{'conditional':>24}{'gbstats sequential':>24}")
        for draw in DRAWS:
            found = self._drawn(draw)
            cells = {
                rule: [each[rule] for each in found if rule in each] for rule in ("conditional", "gbstats")
            }
            self.tables[f"randomised, {draw.name}"] = {
                rule: {"share": len(at) / len(found), "median people": median(at or [0])}
                for rule, at in cells.items()
            }
            said = (f"{len(at) / len(found):.1%} at {median(at or [0]):,.0f}" for at in cells.values())
            print(f"{draw.name:34}" + "".join(f"{each:>24}" for each in said), flush=True)
            yield from _randomised_bars(draw, cells["conditional"], len(found))

    def experiments(self) -> None:
        """Print what both rules say about the real experiments, as they were and with harm planted."""
        if not EXPERIMENTS.exists():
            print("\nreal experiments: skipped, the data set is not here")
            return
        print("\n78 real experiments, 99 variants, both directions: conversions as if they were errors")
        print("  (a guardrail bets on 1.25 times as many and more, gbstats tests for any difference at all)")
        for planted in PLANTED:
            for people in (inf, FEW):
                verdicts = real_experiments(self._with_gbstats, planted=planted, people=people)
                name = ("as they were" if planted == 1 else f"x{planted:g} planted") + (
                    "" if people == inf else f", {people:,} people"
                )
                self.tables[f"real experiments, {name}"] = [asdict(verdict) for verdict in verdicts]
                print(f"  {name:28} {summary_of(verdicts)}", flush=True)

    def _keep(self, name: str, cells: list[list[Stage]], told: dict[str, list[float]]) -> None:
        self.tables[_of_seed(name)] = {**told, "stages": [len(stages) for stages in cells]}

    def _stages(self, setting: Setting, *, runs: int = RUNS) -> list[Stage]:
        return self._cells.of(simulated, setting, runs, self._with_gbstats)

    def _drawn(self, draw: Draw) -> list[dict[str, int]]:
        return self._cells.of(found_at, draw, RUNS, self._with_gbstats)


def _of_seed(table: str) -> str:
    return f"{table}, seed {TEAM_SEED}"


def _power_runs(people: int) -> int:
    """Small companies differ most and cost least."""
    return 8 * RUNS if people == min(POWER) else RUNS


def _found(stages: list[Stage]) -> tuple[float, float, float]:
    share = acted_in(stages, "did_split")
    return share, median_of(stages, "did_split", 0), median_of(stages, "did_split", 1)


def _told(people: int, before: float, harmful: float) -> str:
    ours = EXPOSED_PEOPLE[people]
    traffic = Traffic(ours, 10 * ours, 10 * (people - ours), before)
    days = days_to_catch(traffic, harmful, days=STAGE_DAYS)
    return f"{chance_to_catch(traffic, harmful, days=STAGE_DAYS):.0%}, {'never' if days is None else f'{days:.1f} d'}"


def _randomised_bars(draw: Draw, found: list[int], runs: int) -> Iterator[Bar]:
    most = {".5 -> 2 %": 1300, "1 -> 5 %": 450}
    if draw.control == draw.treated:
        yield Bar(f"false alarms, {draw.name}", len(found) / runs, 0.05, False, runs)
    elif draw.name in most:
        yield Bar(f"median people, {draw.name}", median(found or [inf]), most[draw.name], False)


def _percents(shares: list[float]) -> str:
    return "/".join(f"{100 * share:.{0 if share >= 0.1 or not share else 1}f}" for share in shares)
