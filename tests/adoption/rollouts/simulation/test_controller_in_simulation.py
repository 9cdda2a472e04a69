"""The rules and moves of a rollout under crashes, stale reads, people and lost telemetry: no history goes wrong.

`PLANTED` proves that the simulation can see: each planted mistake is found within the test's budget.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from adoption.rollouts.simulation.histories import play
from adoption.rollouts.simulation.world import changed, without
from companyos.adoption.rollouts.domain.moves import NOBODY
from companyos.adoption.rollouts.domain.types import Move

HISTORIES = 2_000
NIGHTLY = int(os.environ.get("COMPANYOS_HISTORIES", "1000000"))


def wrong(histories: range, flaws: frozenset[str] = frozenset()) -> str:
    """Return the first history that goes wrong, with its seed; empty when none does."""
    for seed in histories:
        if problem := play(seed, flaws):
            return f"seed {seed}: {problem}"
    return ""


def test_no_history_goes_wrong() -> None:
    assert wrong(range(HISTORIES)) == ""


@pytest.mark.slow
def test_no_history_of_a_million_goes_wrong() -> None:
    assert wrong(range(HISTORIES, HISTORIES + NIGHTLY)) == ""


SOUND: Callable[[], Any] = nullcontext
PLANTED: dict[str, tuple[frozenset[str], Callable[[], Any]]] = {
    "no compare-and-swap": (frozenset({"no_cas"}), SOUND),
    "row and decision in two transactions": (frozenset({"split_write"}), SOUND),
    "the file is written before the commit": (frozenset({"publish_first"}), SOUND),
    "the file is written after the commit only": (frozenset({"publish_once"}), SOUND),
    "the edge takes any file": (frozenset({"any_file"}), SOUND),
    "a fresh key at each send": (frozenset({"fresh_key"}), SOUND),
    "duplicates are counted": (frozenset({"no_dedup"}), SOUND),
    "no data passes": (frozenset({"no_data_passes"}), SOUND),
    "evidence of an earlier attempt": (frozenset({"old_evidence"}), SOUND),
    "a stopped rollout is moved": (frozenset(), without("a_stopped_rollout_stays")),
    "a pause is passed over": (frozenset(), without("a_paused_rollout_waits")),
    "pending evidence does not wait": (frozenset(), without("pending_evidence_waits")),
    "doubt does not pause": (frozenset(), without("doubt_pauses")),
    "a rollback leaves everybody on": (frozenset(), changed(Move.ROLL_BACK, on=None)),
    "a kill leaves everybody on": (frozenset(), changed(Move.KILL, on=None)),
    "advancing switches everybody off": (frozenset(), changed(Move.ADVANCE, on=NOBODY)),
}


@pytest.mark.parametrize("mistake", PLANTED)
def test_each_planted_mistake_is_found(mistake: str) -> None:
    flaws, planted = PLANTED[mistake]
    with planted():
        assert wrong(range(HISTORIES), flaws) != ""
