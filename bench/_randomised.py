"""People drawn at random: the conditional rule beside gbstats sequential, on simulated streams and real experiments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path
from statistics import median

import numpy as np
from numpy.random import Generator

from bench._gbstats import Peer
from companyos.kernel.stats.conditional import Conditional
from companyos.kernel.stats.did_split import ROLL_BACK_AT
from companyos.kernel.stats.ratio_evidence import RatioEvidence

SEED = 55
EXPERIMENTS = (
    Path(__file__).parents[2] / "shared" / "data" / "experiments" / "asos_digital_experiments.parquet"
)
_BINARY_METRIC = 1


@dataclass(frozen=True, slots=True)
class Draw:
    """A stream of people, each with one outcome; every part of it has its own share and rates."""

    name: str
    people: int
    shares: tuple[float, ...]  # treated, one per equally long part of the ramp
    control: tuple[float, float]  # error share before and after the middle
    treated: tuple[float, float]


DRAWS = (
    Draw("null .5 %", 20_000, (0.5,), (0.005, 0.005), (0.005, 0.005)),
    Draw("null 1 %", 20_000, (0.5,), (0.01, 0.01), (0.01, 0.01)),
    Draw("null .5 %, canary 10 %", 20_000, (0.1,), (0.005, 0.005), (0.005, 0.005)),
    Draw("ramp 5-25-50 %, shared incident", 20_000, (0.05, 0.25, 0.5), (0.005, 0.02), (0.005, 0.02)),
    Draw(".5 -> 2 %", 20_000, (0.5,), (0.005, 0.005), (0.02, 0.02)),
    Draw("1 -> 5 %", 10_000, (0.5,), (0.01, 0.01), (0.05, 0.05)),
    Draw(".5 -> 2 %, canary 10 %", 40_000, (0.1,), (0.005, 0.005), (0.02, 0.02)),
    Draw("1 -> 5 %, canary 10 %", 20_000, (0.1,), (0.01, 0.01), (0.05, 0.05)),
)


def found_at(draw: Draw, run: int, with_gbstats: bool) -> dict[str, int]:
    """Return how many people had been seen when each rule acted; a rule that never did is left out."""
    rng = np.random.default_rng([SEED, DRAWS.index(draw), run])
    part = np.minimum(np.arange(draw.people) * len(draw.shares) // draw.people, len(draw.shares) - 1)
    treated = rng.random(draw.people) < np.array(draw.shares)[part]
    late = np.arange(draw.people) >= draw.people // 2
    rate = np.where(treated, np.array(draw.treated)[late * 1], np.array(draw.control)[late * 1])
    errors = np.flatnonzero(rng.random(draw.people) < rate)
    found = {}
    rule, stage = Conditional(), -1
    for at in errors.tolist():
        if part[at] != stage:
            stage = part[at]
            rule.begin_stage()
        rule.take(actor=str(at), treated=bool(treated[at]), share=draw.shares[stage])
        if rule.breached:
            found["conditional"] = at + 1
            break
    if with_gbstats:
        looks = _looks(treated, errors)
        index = _peer().first_alarm(looks)
        if index is not None:
            found["gbstats"] = int(errors[index]) + 1
    return found


def _looks(treated: np.ndarray, errors: np.ndarray) -> list[list[int]]:
    ours = np.cumsum(treated)[errors]
    erred = np.cumsum(treated[errors])
    seen, all_errors = errors + 1, np.arange(1, len(errors) + 1)
    return np.stack([ours, erred, seen - ours, all_errors - erred], axis=1).tolist()


@cache
def _peer() -> Peer:
    return Peer()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What both rules say of one real experiment, in one direction, and after which share of its looks."""

    experiment: str
    direction: str  # which side has more of what is counted
    conditional: float | None
    gbstats: float | None


def real_experiments(with_gbstats: bool, *, planted: float = 1.0, people: float = inf) -> list[Verdict]:
    """Judge each variant of the 78 real experiments by its running counts, in both directions.

    What is counted is the binary metric's conversions, as if they were errors. `planted` takes so many of one side's
    away that the other has `planted` times as many; `people` is how many of an experiment's are drawn at most.
    """
    import pandas as pd  # comes with chDB

    table = pd.read_parquet(EXPERIMENTS)
    table = table[table.metric_id == _BINARY_METRIC].sort_values("time_since_start")
    verdicts, rng = [], np.random.default_rng(SEED)
    for (experiment, variant), rows in table.groupby(["experiment_id", "variant_id"]):
        control, treated = ((rows[f"count_{s}"], rows[f"mean_{s}"] * rows[f"count_{s}"]) for s in "ct")
        counts = np.stack([*treated, *control], axis=1).round()
        name = f"{experiment}/{variant}"
        counts = _thinned(counts, min(1.0, people / counts[-1, [0, 2]].sum()), rng)
        fewer = np.array([1, 1, 1, 1 / planted])
        for more, sides in (("treatment", [0, 1, 2, 3]), ("control", [2, 3, 0, 1])):
            verdicts.append(_judged(name, more, (counts[:, sides] * fewer).round(), with_gbstats))
    return verdicts


def summary_of(verdicts: Sequence[Verdict]) -> str:
    """Say how often and how early both rules act."""
    ours = [v.conditional for v in verdicts if v.conditional is not None]
    theirs = [v.gbstats for v in verdicts if v.gbstats is not None]
    both = [
        (v.conditional, v.gbstats) for v in verdicts if v.conditional is not None and v.gbstats is not None
    ]
    return (
        f"conditional acts in {len(ours)} of {len(verdicts)}, gbstats in {len(theirs)};"
        f" of {len(both)} common ones conditional earlier in {sum(a < b for a, b in both)},"
        f" later in {sum(a > b for a, b in both)}; median share of the looks"
        f" {median(ours or [1]):.0%} and {median(theirs or [1]):.0%}"
    )


def _thinned(counts: np.ndarray, share: float, rng: Generator) -> np.ndarray:
    """Keep a random `share` of everything that was counted between two looks."""
    if share == 1:
        return counts
    more = np.diff(counts, axis=0, prepend=0).clip(min=0).astype(int)
    return rng.binomial(more, share).cumsum(0)


def _judged(name: str, direction: str, counts: np.ndarray, with_gbstats: bool) -> Verdict:
    looks = len(counts)
    ours = _conditional_look(counts.tolist())
    theirs = _peer().first_alarm(counts.tolist()) if with_gbstats else None
    when = [None if at is None else (at + 1) / looks for at in (ours, theirs)]
    return Verdict(name, direction, when[0], when[1])


def _conditional_look(counts: Sequence[Sequence[float]]) -> int | None:
    """Feed what came between two looks to the rule, with the share of people at risk at the time."""
    rule, before = RatioEvidence(), [0.0, 0.0]
    for i, (people, hits, others, other_hits) in enumerate(counts):
        more = [max(0, round(now - then)) for now, then in zip((hits, other_hits), before, strict=True)]
        before = [hits, other_hits]
        if people > 0 and others > 0:
            rule.take_many(more[0], more[1], people / (people + others))
        if rule.evidence >= ROLL_BACK_AT:
            return i
    return None
