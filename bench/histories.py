"""A million seeded histories of the controller, in pieces: every piece has seeds of its own, none is played twice.

The same simulation that `make test` plays 2,000 histories of (tests/adoption/rollouts/simulation). `BENCH_HISTORIES`
sets how many in all (1,000,000), `BENCH_PIECE` stops after so many minutes, `BENCH_PROCESSES` sets the processes;
run it again to go on where it stopped. A piece counts only while the rules, the moves and the simulation read as they
did when it was played: after a change of theirs all begins again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from adoption.rollouts.simulation.histories import play  # noqa: E402

HISTORIES = int(os.environ.get("BENCH_HISTORIES", "1000000"))
PROCESSES = int(os.environ.get("BENCH_PROCESSES", "0")) or os.cpu_count() or 1
PIECE = float(os.environ.get("BENCH_PIECE", "0"))
FIRST_SEED = 10_000_000  # far from the seeds of the tests
A_PIECE = 20_000
UNFINISHED = 3
RESULT = Path(__file__).parent / "results" / "histories.json"
_JUDGED = (
    *(
        ROOT / "src/companyos/adoption/rollouts/domain" / name
        for name in ("by_hand.py", "decide.py", "moves.py", "types.py")
    ),
    *(ROOT / "tests/adoption/rollouts/simulation" / name for name in ("histories.py", "world.py")),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Histories of the seeds from `first` to `last`, and what went wrong in them (at most five are named)."""

    first: int
    last: int
    seconds: float
    wrong: tuple[str, ...]

    @property
    def histories(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return (
            f"seeds {self.first:,} to {self.last:,}: {len(self.wrong) or 'none'} wrong, {self.seconds:.0f} s"
        )


def main() -> int:
    """Play what is missing, print each piece with its seeds, store the counts; 1 when a history goes wrong."""
    until = time.monotonic() + 60 * PIECE if PIECE else None
    pieces = _played_before()
    print(f"{HISTORIES:,} histories, {sum(piece.histories for piece in pieces):,} of them played before")
    with ProcessPoolExecutor(PROCESSES) as pool:
        for batch in _batches(len(pieces)):
            if until is not None and time.monotonic() > until:
                break
            pieces += pool.map(played, batch)
            print("\n".join(map(str, pieces[-len(batch) :])), flush=True)
            _store(pieces)
    done, wrong = sum(piece.histories for piece in pieces), [each for piece in pieces for each in piece.wrong]
    print(f"histories: {done:,} of {HISTORIES:,} played, {len(wrong) or 'none'} wrong")
    if wrong:
        return 1
    return 0 if done >= HISTORIES else UNFINISHED


def played(seeds: range) -> Piece:
    """Play the histories of these seeds."""
    began = time.process_time()
    wrong = [f"seed {seed}: {problem}" for seed in seeds if (problem := play(seed))]
    return Piece(seeds[0], seeds[-1], round(time.process_time() - began, 1), tuple(wrong[:5]))


def _batches(before: int) -> Iterator[list[range]]:
    """Yield the seeds of the pieces that are missing, as many at a time as there are processes."""
    starts = range(FIRST_SEED + before * A_PIECE, FIRST_SEED + HISTORIES, A_PIECE)
    seeds = [range(start, min(start + A_PIECE, FIRST_SEED + HISTORIES)) for start in starts]
    for at in range(0, len(seeds), PROCESSES):
        yield seeds[at : at + PROCESSES]


def _rules() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in _JUDGED)).hexdigest()


def _played_before() -> list[Piece]:
    stored = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    if stored.get("rules") != _rules():
        return []
    return [Piece(**{**piece, "wrong": tuple(piece["wrong"])}) for piece in stored["pieces"]]


def _store(pieces: Sequence[Piece]) -> None:
    told = {
        "histories": sum(piece.histories for piece in pieces),
        "wrong": sum(len(piece.wrong) for piece in pieces),
        "seconds_of_one_core": round(sum(piece.seconds for piece in pieces), 1),
        "rules": _rules(),
        "pieces": [asdict(piece) for piece in pieces],
    }
    RESULT.write_text(json.dumps(told, indent=1) + "\n")
