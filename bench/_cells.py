"""Simulated stages kept on disk as they come, so that a long bench can be run in pieces and goes on where it stopped.

What is kept is of the rules and the companies as their sources read: when one of them changes, every cell begins
again. The first stages of a cell are simulated anew every time, to see that they come out the same.
"""

from __future__ import annotations

import hashlib
import pickle
import time
from collections.abc import Callable
from concurrent.futures import Executor
from functools import cache
from pathlib import Path
from typing import Any

PROBES = 5
_BATCH = 100
_ROOT = Path(__file__).parents[1]
_KEPT = Path(__file__).parents[1] / "var" / "bench"


@cache
def _rules_and_companies() -> str:
    sources = [*(_ROOT / "src/companyos/kernel/stats").glob("*.py"), *(_ROOT / "bench").glob("_*.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()


class PieceOver(Exception):
    """This piece's time is over; what was simulated is kept."""


class Cells:
    """Runs of a seeded simulation by cell; a cell is the simulation, its setting and its number of runs."""

    def __init__(self, pool: Executor, processes: int, *, piece_minutes: float) -> None:
        """`piece_minutes` is how long to simulate before PieceOver is raised; 0 is for ever."""
        self._pool, self._processes = pool, processes
        self._until = time.monotonic() + 60 * piece_minutes if piece_minutes else None
        _KEPT.mkdir(parents=True, exist_ok=True)

    def of(self, simulate: Callable[[Any, int, bool], Any], what: object, runs: int, flag: bool) -> list[Any]:
        """Return the results of runs 0 to `runs` - 1 in order, and of later ones that are kept. Raises PieceOver."""
        told = f"{simulate.__name__} {what!r} {flag} {_rules_and_companies()}"
        name = hashlib.sha256(told.encode()).hexdigest()[:24]
        path = _KEPT / f"{name}.pickle"
        kept = self._still_true(path, simulate, what, flag)
        while len(kept) < runs:
            if self._until is not None and time.monotonic() > self._until:
                raise PieceOver(f"{what}: {len(kept)} of {runs}")
            kept += self._run(simulate, what, range(len(kept), min(runs, len(kept) + _BATCH)), flag)
            path.write_bytes(pickle.dumps(kept))
        return kept

    def _still_true(self, path: Path, simulate: Any, what: object, flag: bool) -> list[Any]:
        probes = self._run(simulate, what, range(PROBES), flag)
        kept = pickle.loads(path.read_bytes()) if path.exists() else []  # noqa: S301 (our own file)
        return kept if kept[:PROBES] == probes else probes

    def _run(self, simulate: Any, what: object, runs: range, flag: bool) -> list[Any]:
        every = [what] * len(runs), runs, [flag] * len(runs)
        chunk = max(1, min(25, len(runs) // self._processes))
        return list(self._pool.map(simulate, *every, chunksize=chunk))
