"""`did_split` as `kernel.stats` has it, a whole day of error sessions at once: numpy where the product is plain Python.

The product takes one session at a time and must never need numpy; a bench takes millions. Every number is that of
`DidSplit` up to the last digits; `_teams.simulated` asks both about the first stages of each cell and stops when they
differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from companyos.kernel.stats.day_split import SPREADS
from companyos.kernel.stats.did_split import CERTAIN_AT, MIN_EXPOSED_SESSIONS, ROLL_BACK_AT, SECOND_DAY_AT
from companyos.kernel.stats.effect import LADDER, Effect
from companyos.kernel.stats.null_prior import BETAS, DRIFT_ALLOWANCE, EFFECTS, STEP, drifted, null_prior

Numbers = NDArray[np.float64]

_SIZES = np.array(SPREADS)[:, None]
_BETA_ODDS = np.exp(np.array(BETAS))
_RUNGS = range(LADDER[0], LADDER[-1] + len(BETAS))
_LADDER_ODDS = np.exp(BETAS[0] + STEP * np.array(_RUNGS))
_FIRST_RUNG = len(EFFECTS) * len(BETAS)
_STAGE_ODDS = np.concatenate([*(effect * _BETA_ODDS for effect in EFFECTS), _LADDER_ODDS])
_NO_EFFECT = slice(_FIRST_RUNG - LADDER[0], _FIRST_RUNG - LADDER[0] + len(BETAS))


@dataclass(frozen=True, slots=True)
class Looked:
    """What the rule said after each error session of one day, in order."""

    evidence: Numbers
    exposed_sessions: NDArray[np.int64]
    rolls_back: NDArray[np.bool_]
    two_days: NDArray[np.bool_]  # it does so with `confirm: two_days` as well


class DayByDay:
    """The rule's state between two days of a stage."""

    def __init__(self) -> None:
        self._learned = np.array(null_prior(len(SPREADS))).reshape(len(SPREADS), len(BETAS))
        self._days: list[Numbers] = []  # log likelihoods of the days that are over
        self.evidence, self.exposed_sessions = 1.0, 0

    def learn_day(self, exposed: NDArray[np.bool_], log_offset: float) -> None:
        """Learn one day before exposure from its error sessions, in order."""
        if len(exposed):
            told = _log_likelihoods(exposed, log_offset, _BETA_ODDS)[-1]
            weighed = self._learned * np.exp(told - told.max())
            self._learned = weighed / weighed.sum()

    def begin_stage(self) -> None:
        """Widen what was learned by the drift allowance; once, after the last day before."""
        self._prior = np.array(drifted(self._learned.ravel().tolist(), DRIFT_ALLOWANCE)).reshape(
            self._learned.shape
        )
        shape = len(SPREADS), len(_STAGE_ODDS)
        self._harm, self._no_harm = np.zeros(shape), np.zeros(shape)
        self._harm[:, :_FIRST_RUNG] = np.tile(self._prior / len(EFFECTS), len(EFFECTS))
        self._no_harm[:, _NO_EFFECT] = self._prior

    def take_day(self, exposed: NDArray[np.bool_], log_offset: float) -> Looked:
        """Count a day's error sessions (at least one), in order."""
        today = _log_likelihoods(exposed, log_offset, _STAGE_ODDS)
        before = sum(self._days, np.zeros(today.shape[1:]))
        evidence = self._ratios(before + today)
        counts = self.exposed_sessions + np.cumsum(exposed)
        acts = (counts >= MIN_EXPOSED_SESSIONS) & (evidence >= ROLL_BACK_AT)
        two_days = acts & (evidence >= CERTAIN_AT)
        doubtful = np.flatnonzero(acts & ~two_days)
        if len(doubtful):
            two_days[doubtful] = self._without_best_day(before, today[doubtful]) >= SECOND_DAY_AT
        self._days.append(today[-1])
        self.evidence, self.exposed_sessions = float(evidence[-1]), int(counts[-1])
        return Looked(evidence, counts, acts, two_days)

    def _without_best_day(self, before: Numbers, today: Numbers) -> Numbers:
        rest = [self._ratios((before - day) + today) for day in self._days]
        return np.min([*rest, np.full(len(today), self._ratios(before[None])[0])], axis=0)

    def effect(self) -> Effect:
        """Return how many times as often exposed people err, after the days so far."""
        seen = sum(self._days, np.zeros(self._harm.shape))[:, _FIRST_RUNG:]
        rungs = np.exp(seen - seen.max())
        cells = np.array([(self._prior * rungs[:, c : c + len(BETAS)]).sum() for c in range(len(LADDER))])
        return Effect(tuple((cells / cells.sum()).tolist()))

    def _ratios(self, seen: Numbers) -> Numbers:
        scaled = np.exp(seen - seen.max(axis=(1, 2), keepdims=True)).reshape(len(seen), -1)
        with np.errstate(divide="ignore"):
            return (scaled @ self._harm.ravel()) / (scaled @ self._no_harm.ravel())


def _log_likelihoods(exposed: NDArray[np.bool_], log_offset: float, odds: Numbers) -> Numbers:
    """Return the log likelihood after each session: P(next is exposed) = (q s + a) / (s + k), by spread and odds."""
    lifted = odds * np.exp(log_offset)
    share = lifted / (1 + lifted)
    so_far = np.arange(len(exposed))
    ours = np.cumsum(exposed) - exposed
    alike = np.where(exposed, ours, so_far - ours)[:, None, None]
    shares = np.where(exposed[:, None, None], share, 1 - share)
    return np.log((shares * _SIZES + alike) / (_SIZES + so_far[:, None, None])).cumsum(axis=0)
