"""The guardrail rule for stages that expose whole teams: every team is its own control.

Given that somebody met an error, was it somebody exposed? The weeks before and the unexposed teams today say
how often it should be; the evidence says how much better a fault in the feature explains what came instead.
Shared incidents cancel out. It is a Bayes factor under the prior of `null_prior`, not a worst-case guarantee.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from operator import mul

from companyos.kernel.stats.day_split import SPREADS, DaySplit, expected_shares, product_of
from companyos.kernel.stats.effect import LADDER, Effect
from companyos.kernel.stats.null_prior import (
    BETAS,
    DRIFT_ALLOWANCE,
    EFFECTS,
    STEP,
    blocks_of,
    drifted,
    normalised,
    null_prior,
    ratio_of,
)

AMBER_AT = 5.0  # evidence that stops advancing
ROLL_BACK_AT = 20.0
SECOND_DAY_AT = 2.0  # `confirm: two_days`: what the evidence without its best day must reach
CERTAIN_AT = 3000.0  # `confirm: two_days`: rolls back without a second day; see docs/statistics.md
MIN_EXPOSED_SESSIONS = 3  # below any of these minima nothing is rolled back automatically
MIN_PRE_DAYS = 5
MIN_PRE_SESSIONS = 10
MIN_UNEXPOSED_PEOPLE = 3

_BETA_ODDS = [exp(beta) for beta in BETAS]
# A stage's grid: beta under each harmful effect, then every beta + effect of the ladder (one rung per step).
_RUNGS = range(LADDER[0], LADDER[-1] + len(BETAS))
_STAGE_ODDS = [effect * odds for effect in EFFECTS for odds in _BETA_ODDS]
_STAGE_ODDS += [exp(BETAS[0] + STEP * rung) for rung in _RUNGS]
_FIRST_RUNG = len(EFFECTS) * len(BETAS)
_NO_EFFECT = _RUNGS.index(0)


class DidSplit:
    """The rule's state for one metric: learn the days before, begin the stage, take its error sessions.

    Deterministic: the same sessions in the same (time, id) order give the same evidence. Not thread-safe.
    """

    evidence: float  # how many times better "the feature harms" explains this stage
    exposed_sessions: int  # error sessions of exposed people in this stage
    expected_sessions: float  # how many of the stage's error sessions should have been theirs

    def __init__(self, *, tau: float = DRIFT_ALLOWANCE) -> None:
        self._tau = tau
        self._learned = null_prior(len(SPREADS))
        self.begin_stage()

    def learn_day(self, sessions: Sequence[tuple[bool, float]]) -> None:
        """Learn one day before exposure; it counts from the next `begin_stage`.

        A session is (of a person who will be exposed?, log of exposed people's expected errors over the
        others').
        """
        day = DaySplit(_BETA_ODDS, self._learned)
        for exposed, log_offset in sessions:
            day.take(exposed, log_offset)
        self._learned = normalised(day.likelihood)

    def begin_stage(self) -> None:
        """Start the evidence afresh from what was learned, widened once by the drift allowance."""
        self._prior = drifted(self._learned, self._tau)
        self._harm, self._no_harm = _harm_weights(self._prior), _no_harm_weights(self._prior)
        self._full_days: list[list[float]] = []
        self._start_day()
        self.evidence, self.exposed_sessions, self.expected_sessions = 1.0, 0, 0.0

    def begin_day(self) -> None:
        """Close the day so far: errors of one day hang together, those of two days do not."""
        if self._today.sessions:
            self._full_days.append(self._today.likelihood)
            self._start_day()

    def take(self, exposed: bool, log_offset: float) -> float:
        """Count one error session and return the evidence after it.

        `log_offset` is the log of today's expected errors of exposed over unexposed people. Raises
        ValueError, and changes nothing, when it cannot be compared (not a number, or one side expects
        nothing).
        """
        shares = expected_shares(_BETA_ODDS, log_offset)
        self._today.take(exposed, log_offset)
        self.exposed_sessions += exposed
        self.expected_sessions += sum(sum(map(mul, block, shares)) for block in blocks_of(self._prior))
        self.evidence = ratio_of(self._harm_so_far, self._no_harm_so_far, self._today.likelihood)
        return self.evidence

    def rolls_back(self, *, confirm_two_days: bool = False) -> bool:
        """Tell whether the evidence takes people back.

        With `confirm_two_days` one day alone must be near certainty: an incident that hits only these teams for a
        day then rarely passes for a fault, and a fault is found about half a day later.
        """
        if self.exposed_sessions < MIN_EXPOSED_SESSIONS or self.evidence < ROLL_BACK_AT:
            return False
        certain = self.evidence >= CERTAIN_AT
        return certain or not confirm_two_days or self.without_best_day() >= SECOND_DAY_AT

    def without_best_day(self) -> float:
        """Return the evidence without the day that speaks most for harm (`confirm: two_days`)."""
        days = [*self._full_days, self._today.likelihood]
        rest = (product_of([_nothing_seen(), *days[:i], *days[i + 1 :]]) for i in range(len(days)))
        return min(ratio_of(self._harm, self._no_harm, each) for each in rest)

    def effect(self) -> Effect:
        """Return how many times as often exposed people err in this stage as without the feature."""
        seen = product_of([_nothing_seen(), *self._full_days, self._today.likelihood])
        rungs = [seen[start + _FIRST_RUNG :] for start in range(0, len(seen), len(_STAGE_ODDS))]
        pairs = list(zip(blocks_of(self._prior), rungs, strict=True))
        cells = [sum(sum(map(mul, block, row[cell:])) for block, row in pairs) for cell in range(len(LADDER))]
        return Effect(tuple(normalised(cells)))

    def _start_day(self) -> None:
        """Weigh both explanations by the full days once, so that an error of today costs only today's likelihood."""
        before = product_of([_nothing_seen(), *self._full_days])
        self._harm_so_far = list(map(mul, self._harm, before))
        self._no_harm_so_far = list(map(mul, self._no_harm, before))
        self._today = DaySplit(_STAGE_ODDS)


def _nothing_seen() -> list[float]:
    return DaySplit(_STAGE_ODDS).likelihood


def _harm_weights(prior: list[float]) -> list[float]:
    """Lay the prior out on a stage's grid once per harmful effect, each equally likely."""
    idle = [0.0] * len(_RUNGS)
    shared = [weight / len(EFFECTS) for weight in prior]
    return [w for block in blocks_of(shared) for w in [*(block * len(EFFECTS)), *idle]]


def _no_harm_weights(prior: list[float]) -> list[float]:
    """Lay the prior out on a stage's grid where the effect is 1."""
    before = [0.0] * (_FIRST_RUNG + _NO_EFFECT)
    after = [0.0] * (len(_STAGE_ODDS) - len(before) - len(BETAS))
    return [w for block in blocks_of(prior) for w in [*before, *block, *after]]
