"""Whole teams exposed: what `did_split` and its peers do to simulated stages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import inf
from statistics import median

import numpy as np
from numpy.typing import NDArray

from bench._cells import PROBES
from bench._company import PRE_DAYS, SCENARIOS, STAGE_DAYS, a_company
from bench._day_by_day import DayByDay, Looked
from bench._gbstats import Peer
from bench._judges import (
    Baseline,
    Counted,
    ErrorAt,
    counted,
    experiment_rule,
    fixed_threshold,
    followed,
    learned,
    learned_by_days,
    naive_z,
)
from companyos.kernel.stats.did_split import AMBER_AT, MIN_EXPOSED_SESSIONS, ROLL_BACK_AT, DidSplit
from companyos.kernel.stats.effect import safe_to_advance
from companyos.kernel.stats.expected_errors import overall_rate
from companyos.kernel.stats.merge import WEIGHTS, MergedEvidence, Signal

SEED = 20_261_126  # rules were tried out on the seed 5; what is promised is measured on companies no rule has seen
RULES = ("did_split", "two days", "experiment", "gbstats", "naive z", "threshold")


@dataclass(frozen=True, slots=True)
class Setting:
    """One cell of a table: a kind of company and what the feature does to it."""

    scenario: str
    people: int
    baseline: float = 0.01
    harm: float = 0.0  # share added
    times: float = 1.0
    peers: bool = True  # the other rules look too
    seed: int = SEED

    @property
    def name(self) -> str:
        effect = f" +{self.harm:.0%}" * (self.harm > 0) + f" x{self.times:g}" * (self.times != 1)
        return f"{self.scenario}, {self.people} people, {self.baseline:.0%}{effect}"


@dataclass(frozen=True, slots=True)
class Stage:
    """What happened in one simulated stage: when each rule acted, and when it looked safe."""

    acted: dict[str, tuple[float, float]]  # rule -> (days, exposed tasks)
    safe: frozenset[int]  # the days at whose end it might be left

    def is_safe_by(self, day: int) -> bool:
        """Tell whether the gate has passed at the end of any day up to this one: it is asked again and again."""
        return any(safe <= day for safe in self.safe)


def simulated(setting: Setting, run: int, with_gbstats: bool) -> Stage:
    """Simulate one stage; the same setting and run give the same company whatever else is asked."""
    where = list(SCENARIOS).index(setting.scenario)
    rng = np.random.default_rng([setting.seed, where, setting.people, run])
    company = a_company(
        rng,
        SCENARIOS[setting.scenario],
        people=setting.people,
        baseline=setting.baseline,
        harm=setting.harm,
        times=setting.times,
    )
    seen = counted(company, rng)
    stream, offsets = seen.stage, Baseline(seen).offsets()
    found, safe = _by_days(seen, offsets, patient=setting.peers)
    if run < PROBES:
        told = _by_sessions(seen, offsets, patient=setting.peers)
        assert (found, safe) == told, f"the bench and the product differ in run {run} of {setting.name}"
    if setting.peers:
        found["experiment"] = experiment_rule(company, stream)
        found["naive z"], found["threshold"] = naive_z(stream), fixed_threshold(stream)
        found["gbstats"] = _gbstats(stream) if with_gbstats else None
    return Stage({rule: (at.days, at.exposed_tasks) for rule, at in found.items() if at}, safe)


def _by_days(
    seen: Counted, offsets: list[float], *, patient: bool
) -> tuple[dict[str, ErrorAt | None], frozenset[int]]:
    """Follow the stage a day at a time; unless `patient` it ends when the rule acts."""
    rule = learned_by_days(seen, offsets)
    found: dict[str, ErrorAt | None] = {}
    safe: set[int] = set()
    for day in range(STAGE_DAYS):
        errors = [error for error in seen.stage if error.day == day]
        if errors:
            looked = rule.take_day(np.array([error.exposed for error in errors]), offsets[PRE_DAYS + day])
            for name, acts in _acts(looked):
                if acts.any():
                    found.setdefault(name, errors[int(acts.argmax())])
        if not patient and "did_split" in found:
            break
        if "did_split" not in found and _may_be_left(seen, rule, day + 1):
            safe.add(day + 1)
    return found, frozenset(safe)


def _acts(looked: Looked) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield after which sessions each rule takes the stage back: the rule, its cautious form, five copies."""
    yield "did_split", looked.rolls_back
    yield "two days", looked.two_days
    enough = looked.exposed_sessions >= MIN_EXPOSED_SESSIONS
    merged = sum(weight * looked.evidence for weight in WEIGHTS.values())
    yield "five copies merged", enough & (merged >= ROLL_BACK_AT)
    with np.errstate(over="ignore"):
        yield "five copies multiplied", enough & (looked.evidence ** len(Signal) >= ROLL_BACK_AT)


def _by_sessions(
    seen: Counted, offsets: list[float], *, patient: bool
) -> tuple[dict[str, ErrorAt | None], frozenset[int]]:
    """Follow the stage with the product's own rule, one session at a time."""
    rule, merged = learned(seen, offsets), MergedEvidence()
    found: dict[str, ErrorAt | None] = {}
    safe: set[int] = set()
    day, errors = 0, followed(rule, seen.stage, offsets)
    for coming in seen.stage:
        day = _look_at_days(seen, rule, safe, day, coming.day, stopped="did_split" in found)
        error = next(errors)  # only now the rule takes it
        for acts in _acting(rule, merged):
            found.setdefault(acts, error)
        if not patient and "did_split" in found:
            return found, frozenset(safe)
    _look_at_days(seen, rule, safe, day, STAGE_DAYS, stopped="did_split" in found)
    return found, frozenset(safe)


def _acting(rule: DidSplit, merged: MergedEvidence) -> Iterator[str]:
    """Yield what would take the stage back now: the rule, its cautious form, five copies merged and multiplied."""
    for signal in Signal:
        merged.take(signal, rule.evidence)
    if rule.exposed_sessions < MIN_EXPOSED_SESSIONS:
        return
    if rule.rolls_back():
        yield "did_split"
    if rule.rolls_back(confirm_two_days=True):
        yield "two days"
    if merged.evidence >= ROLL_BACK_AT:
        yield "five copies merged"
    if rule.evidence ** len(Signal) >= ROLL_BACK_AT:
        yield "five copies multiplied"


def _look_at_days(  # an error of `until` comes next, so the days before are over
    seen: Counted, rule: DidSplit, safe: set[int], day: int, until: int, *, stopped: bool
) -> int:
    over = range(day + 1, until + 1)
    safe.update(each for each in over if not stopped and _may_be_left(seen, rule, each))
    return max(day, until)


def _may_be_left(seen: Counted, rule: DidSplit | DayByDay, days: int) -> bool:
    """Tell whether the stage may be left after so many days: no amber, and harm is ruled out."""
    if rule.evidence >= AMBER_AT:
        return False
    before, stage = slice(0, PRE_DAYS), slice(PRE_DAYS, PRE_DAYS + days)
    tasks = seen.company.tasks
    baseline = overall_rate(int(seen.sessions[:, before].sum()), float(tasks[:, before].sum()))
    exposed_tasks = int(tasks[seen.company.exposed, stage].sum())
    return safe_to_advance(rule.effect(), baseline_rate=baseline, exposed_tasks=exposed_tasks).safe


@cache
def _peer() -> Peer:
    return Peer()


def _gbstats(stream: list[ErrorAt]) -> ErrorAt | None:
    looks = [[e.exposed_tasks, e.exposed_errors, e.other_tasks, e.other_errors] for e in stream]
    index = _peer().first_alarm(looks)
    return None if index is None else stream[index]


def acted_in(stages: list[Stage], rule: str) -> float:
    """Return the share of stages in which `rule` acted."""
    return sum(rule in stage.acted for stage in stages) / len(stages)


def median_of(stages: list[Stage], rule: str, what: int) -> float:
    """Return the median days (0) or exposed tasks (1) until `rule` acted; stages it missed count as infinite."""
    return median([stage.acted[rule][what] if rule in stage.acted else inf for stage in stages])
