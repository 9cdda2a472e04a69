"""How well similar reports are found, and how fast among 50,000.

`python -m bench.duplicates --reports FILE --pairs FILE` measures any set (also .gz). Two protocols: in both directions
(each report of a pair asks for its partner among all others), and as it happens (the later asks among older reports).
Without options the bars are measured on Hadoop's reports in `BENCH_DATA`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from random import Random

import numpy as np

from bench._reports import DATA, RESULTS, BadFile, Row, rows_of
from companyos.work.feedback.domain.likeness import LikenessIndex

RESULT = RESULTS / "duplicates.json"
LEAST_BOTH, LEAST_OLDER, MOST_MS = 0.77, 0.87, 50.0
RANKS = (1, 5, 10)
CROWD, ASKED, SEED = 50_000, 200, 9
_MOMENTS = ("%d/%b/%y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


@dataclass(frozen=True, slots=True)
class Recall:
    """In which share of the questions the duplicate was among the first 1, 5, 10."""

    questions: int
    at_1: float
    at_5: float
    at_10: float


@dataclass(frozen=True, slots=True)
class Set:
    """Reports with their titles, bodies and times, and the duplicates of each, by number."""

    titles: list[str]
    bodies: list[str]
    at: list[datetime]
    partners: dict[int, list[int]]


def set_of(rows: Sequence[Row], pairs: Iterable[Row]) -> Set:
    """Put reports and pairs together; a pair with an unknown report, or of one with itself, is left out."""
    number = {row["Issue id"]: n for n, row in enumerate(rows)}
    partners: dict[int, list[int]] = {}
    for pair in pairs:
        one, other = number.get(pair["Issue id"]), number.get(pair["Duplicate id"])
        if one is not None and other is not None and one != other:
            partners.setdefault(one, []).append(other)
            partners.setdefault(other, []).append(one)
    return Set(
        [row["Summary"] or "" for row in rows],
        [row["Description"] or "" for row in rows],
        [_moment(row["Created"]) for row in rows],
        partners,
    )


def both_directions(found: Set) -> Recall:
    """Each report that has a duplicate asks among all others for the first that it was paired with."""
    index = _index_of(found, range(len(found.titles)))
    ranks = []
    for asks, partners in found.partners.items():
        near = index.most_alike(found.titles[asks], found.bodies[asks], most=max(RANKS) + 1)
        others = [number for number, _ in near if number != asks]
        ranks.append(others.index(partners[0]) if partners[0] in others else len(others))
    return _recall(ranks)


def among_older(found: Set) -> Recall:
    """Reports come one after the other; each asks, before it is added, for any duplicate that is older."""
    index, ranks = LikenessIndex(), []
    order = sorted(range(len(found.titles)), key=lambda n: (found.at[n], n))
    for asks in order:
        older = {n for n in found.partners.get(asks, ()) if found.at[n] < found.at[asks]}
        if older:
            index.settle()
            near = index.most_alike(found.titles[asks], found.bodies[asks], most=max(RANKS))
            numbers = [order[number] for number, _ in near]
            ranks.append(next((rank for rank, n in enumerate(numbers) if n in older), len(numbers)))
        index.add("bench", found.titles[asks], found.bodies[asks])
    return _recall(ranks)


def speed(found: Set) -> dict[str, float]:
    """Ask among 50,000 reports, made by joining the title of one with the body of another, of five tenants."""
    rng, index = Random(SEED), LikenessIndex()
    began = time.perf_counter()
    for n in range(CROWD):
        title, body = rng.choice(found.titles), rng.choice(found.bodies)
        index.add(f"tenant-{n % 5}", title, body)
    index.settle()
    built = time.perf_counter() - began
    typing, submit = [], []
    for _ in range(ASKED):
        n = rng.randrange(len(found.titles))
        title, body = found.titles[n], found.bodies[n]
        half = title[: max(8, len(title) // 2)]
        for times, text in ((typing, (half, "")), (submit, (title, body))):
            began = time.perf_counter()
            index.most_alike(*text, groups=["tenant-1", "tenant-3"], most=5)
            times.append(1_000 * (time.perf_counter() - began))
    return {
        "reports": CROWD,
        "built_seconds": round(built, 1),
        **{
            f"{name}_ms_{label}": round(float(np.quantile(times, share)), 2)
            for name, times in (("typing", typing), ("submit", submit))
            for label, share in (("p50", 0.5), ("p95", 0.95))
        },
    }


def main() -> int:
    """Measure, print, store; 1 when a bar is missed."""
    folder = DATA / "duplicates"
    if not folder.is_dir():
        print(f"duplicates: there is no data in {folder}; name its folder with BENCH_DATA.")
        return 2
    found = _read(folder / "hadoop_bugs.csv.gz", folder / "hadoop_bugs-combined.csv.gz")
    both, older, fast = both_directions(found), among_older(found), speed(found)
    _print(both, older)
    print(f"among {CROWD:,}, milliseconds: {fast}")
    missed = [
        said
        for met, said in (
            (both.at_10 >= LEAST_BOTH, f"recall@10 in both directions {both.at_10:.3f}, not {LEAST_BOTH}"),
            (older.at_10 >= LEAST_OLDER, f"recall@10 among older {older.at_10:.3f}, not {LEAST_OLDER}"),
            (fast["typing_ms_p95"] <= MOST_MS, f"while typing {fast['typing_ms_p95']} ms, not {MOST_MS}"),
            (fast["submit_ms_p95"] <= MOST_MS, f"at submit {fast['submit_ms_p95']} ms, not {MOST_MS}"),
        )
        if not met
    ]
    result = {"both directions": asdict(both), "among older": asdict(older), "speed": fast, "missed": missed}
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    for bar in missed:
        print(f"  missed: {bar}")
    print(
        f"duplicates: {'BAR MISSED' if missed else 'bars met'}: recall@10 {both.at_10:.3f} in both directions "
        f"(n = {both.questions}), {older.at_10:.3f} among older (n = {older.questions}); among {CROWD:,} "
        f"{fast['typing_ms_p95']} ms while typing, {fast['submit_ms_p95']} ms at submit (95th percentile)"
    )
    return 1 if missed else 0


def _read(reports: Path, pairs: Path) -> Set:
    rows = rows_of(reports, ["Issue id", "Summary", "Description", "Created"])
    return set_of(rows, rows_of(pairs, ["Issue id", "Duplicate id"]))


def _index_of(found: Set, numbers: Iterable[int]) -> LikenessIndex:
    index = LikenessIndex()
    for n in numbers:
        index.add("bench", found.titles[n], found.bodies[n])
    index.settle()
    return index


def _recall(ranks: list[int]) -> Recall:
    shares = [sum(rank < most for rank in ranks) / len(ranks) if ranks else 0.0 for most in RANKS]
    return Recall(len(ranks), *(round(share, 4) for share in shares))


def _moment(text: str) -> datetime:
    for form in _MOMENTS:
        try:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007 (compared with each other alone)
        except ValueError:
            continue
    raise BadFile(f"`{text}` in the column Created is no moment; write it as 2026-11-25 14:30:00.")


def _print(both: Recall, older: Recall) -> None:
    print(f"{'':20}{'n':>6}{'recall@1':>10}{'@5':>8}{'@10':>8}")
    for name, each in (("both directions", both), ("among older", older)):
        print(f"{name:<20}{each.questions:>6}{each.at_1:>10.3f}{each.at_5:>8.3f}{each.at_10:>8.3f}")


def measure_files(arguments: list[str]) -> int:
    """Measure reports and pairs from files; columns are those of Jira's export, as in GitBugs."""
    reader = argparse.ArgumentParser(prog="python -m bench.duplicates", description=__doc__)
    reader.add_argument("--reports", type=Path, required=True, help="Issue id, Summary, Description, Created")
    reader.add_argument("--pairs", type=Path, required=True, help="Issue id, Duplicate id")
    said = reader.parse_args(arguments)
    try:
        found = _read(said.reports, said.pairs)
        _print(both_directions(found), among_older(found))
    except BadFile as problem:
        print(f"bench.duplicates: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(measure_files(sys.argv[1:]) if len(sys.argv) > 1 else main())
