"""How fast a flag is evaluated, beside flagd's Python evaluator, Statsig's Rust core and flagd's provider, in one run.

Bars: provider at least 10 times as fast as flagd-core and faster than Statsig on each of four flags; the facade with a
telemetry hook within 1 µs; through OpenFeature's client faster than flagd's provider; 1,000 flags compiled in 100 ms.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench._peers import NoPeers, python_with

HERE = Path(__file__).parent
RESULT = HERE / "results" / "evaluate.json"
TIMES_FLAGD_CORE = 10.0
MOST_FACADE_NS = 1_000
MOST_COMPILE_MS = 100.0
COLUMNS = ("plain", "cohort", "quarter", "composite")
TITLES = ("a plain", "b in-list+affix", "c 25 %", "d segment+semver+50 %")


def main() -> int:
    """Measure, print the table, store the figures; 1 when a bar is missed."""
    result = _measure()
    if result is None:
        return 1
    times, skipped = result["nanoseconds"], result["skipped"]
    _print_table(times)
    for name, why in skipped.items():
        print(f"  {name}: skipped, {why}")
    if result["alike_with_flagd_core"] is not None:
        print(f"  answers equal to flagd-core's: {result['alike_with_flagd_core']} of {result['pairs']}")
    print(f"  on for so many of 512 people: ours {result['ours_on']}, statsig {result['statsig_on']}")
    print(
        f"  1,000 flags, {result['compile_bytes']:,} bytes: compiled in {result['compile_1000_flags_ms']} ms, "
        f"after {result['parse_1000_flags_ms']} ms for the JSON"
    )
    missed = _missed(result)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({**result, "missed": missed}, indent=1) + "\n")
    for bar in missed:
        print(f"  missed: {bar}")
    verdict = "BAR MISSED" if missed else "bars met"
    print(f"evaluate: {verdict}: {_summary(result)}")
    return 1 if missed else 0


def _measure() -> dict[str, Any] | None:
    try:
        python = python_with("evaluate")
    except NoPeers as why:
        print(f"  the peers are skipped: {why}")
        python = Path(sys.executable)
    env = os.environ | {"PYTHONPATH": str(HERE.parent / "sdk" / "src")}
    ran = subprocess.run(
        [str(python), str(HERE / "_evaluate.py")], env=env, stdout=subprocess.PIPE, text=True, check=False
    )
    if ran.returncode:
        print(f"evaluate: BAR MISSED: the measurement itself failed with {ran.returncode}")
        return None
    measured: dict[str, Any] = json.loads(ran.stdout.strip().splitlines()[-1])
    return measured


def _print_table(times: dict[str, dict[str, float]]) -> None:
    print(f"{'ns per evaluation (median)':<28}" + "".join(f"{title:>24}" for title in TITLES))
    for name, by in times.items():
        print(f"{name:<28}" + "".join(f"{by[key]:>24,.0f}" for key in COLUMNS))
    for peer, own in (
        ("flagd-core", "ours"),
        ("statsig", "ours"),
        ("client, provider-flagd", "client, ours"),
    ):
        if peer in times:
            ratios = "".join(f"{times[peer][key] / times[own][key]:>23.1f}x" for key in COLUMNS)
            print(f"{'vs ' + peer:<28}{ratios}")


def _missed(result: dict[str, Any]) -> list[str]:
    times = result["nanoseconds"]
    missed = []
    for key in COLUMNS:
        own = times["ours"][key]
        if "flagd-core" in times and times["flagd-core"][key] / own < TIMES_FLAGD_CORE:
            missed.append(
                f"{key}: {times['flagd-core'][key] / own:.1f}x flagd-core, not {TIMES_FLAGD_CORE:.0f}x"
            )
        if "statsig" in times and own >= times["statsig"][key]:
            missed.append(f"{key}: {own} ns, statsig {times['statsig'][key]} ns")
        if times["facade + hook"][key] > MOST_FACADE_NS:
            missed.append(f"{key}: the facade with a hook took {times['facade + hook'][key]} ns")
        if "client, ours" in times and times["client, ours"][key] >= times["client, provider-flagd"][key]:
            missed.append(f"{key}: through the client slower than provider-flagd")
    if result["compile_1000_flags_ms"] > MOST_COMPILE_MS:
        missed.append(f"1,000 flags took {result['compile_1000_flags_ms']} ms to compile")
    if result["alike_with_flagd_core"] not in (None, result["pairs"]):
        missed.append("the answers differ from flagd-core's")
    return missed


def _summary(result: dict[str, Any]) -> str:
    times = result["nanoseconds"]
    said = []
    for peer in ("flagd-core", "statsig"):
        if peer in times:
            ratios = [times[peer][key] / times["ours"][key] for key in COLUMNS]
            said.append(f"{min(ratios):.1f} to {max(ratios):.1f}x {peer}")
    said.append(f"facade + hook at most {max(times['facade + hook'].values()):,.0f} ns")
    if "client, ours" in times:
        ratios = [times["client, provider-flagd"][key] / times["client, ours"][key] for key in COLUMNS]
        said.append(f"client {min(ratios):.1f} to {max(ratios):.1f}x provider-flagd")
    said.append(f"1,000 flags compiled in {result['compile_1000_flags_ms']:.0f} ms")
    return ", ".join(said)
