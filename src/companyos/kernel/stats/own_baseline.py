"""The guardrail rule without a comparison group: exposed people against their own weeks before.

It is all that is left when nobody is unexposed. It also alarms on incidents that hit everybody, as it should:
it may hold a rollout and page somebody, never roll back.
"""

from __future__ import annotations

from math import exp, isfinite, lgamma, log
from operator import add

from companyos.kernel.stats.null_prior import (
    BETAS,
    DRIFT_ALLOWANCE,
    EFFECTS,
    blocks_of,
    drifted,
    normalised,
    null_prior,
    ratio_of,
)

SIZES = (0.7, 1.5, 3.0, 6.0, 12.0, 30.0, 200.0)
"""How steady days are (negative binomial size): at 0.7 a bad day has many times the usual errors."""

_PRE_RATES = [exp(beta) for beta in BETAS]
_STAGE_RATES = [effect * exp(beta) for effect in (1.0, *EFFECTS) for beta in BETAS]
_LEAST_EXPECTED = 1e-9


class OwnBaseline:
    """The rule's state for one metric: learn the days before, begin the stage, take its error sessions."""

    evidence: float  # how many times better "the feature harms" explains this stage

    def __init__(self, *, tau: float = DRIFT_ALLOWANCE) -> None:
        self._tau = tau
        self._learned = null_prior(len(SIZES))
        self.begin_stage()

    def learn_day(self, count: int, expected: float) -> None:
        """Learn one day before exposure: its error sessions and how many were expected."""
        self._learned = normalised(_weighed(self._learned, _log_chances(_PRE_RATES, count, expected)))

    def begin_stage(self) -> None:
        """Start the evidence afresh from what was learned, widened once by the drift allowance."""
        blocks = list(blocks_of(drifted(self._learned, self._tau)))
        points = len(BETAS)
        self._harm = [w / len(EFFECTS) for block in blocks for w in [0.0] * points + block * len(EFFECTS)]
        self._no_harm = [w for block in blocks for w in block + [0.0] * (points * len(EFFECTS))]
        self._full_days = self._today = [0.0] * len(self._harm)
        self._count, self.evidence = 0, 1.0

    def begin_day(self) -> None:
        """Close the day as last told; call `quiet_until` before, or its last silence is lost."""
        self._full_days = list(map(add, self._full_days, self._today))
        self._today = [0.0] * len(self._today)
        self._count = 0

    def take(self, expected_so_far: float) -> float:
        """Count one error session of exposed people and return the evidence after it.

        `expected_so_far` is how many of theirs were expected from the start of the day until now. Raises
        ValueError, and changes nothing, when it is not a number.
        """
        return self._judge(self._count + 1, expected_so_far)

    def quiet_until(self, expected_so_far: float) -> float:
        """Return the evidence after time without a further error session; call it at each day's end."""
        return self._judge(self._count, expected_so_far)

    def _judge(self, count: int, expected: float) -> float:
        self._today = _log_chances(_STAGE_RATES, count, expected)
        self._count = count
        seen = list(map(add, self._full_days, self._today))
        top = max(seen)
        self.evidence = ratio_of(self._harm, self._no_harm, [exp(each - top) for each in seen])
        return self.evidence


def _log_chances(rates: list[float], count: int, expected: float) -> list[float]:
    """Log of the negative binomial chance of `count` at every size and rate, but for a term common to all."""
    if not isfinite(expected) or expected < 0 or count < 0:
        raise ValueError(f"cannot judge {count} errors where {expected} were expected; nothing was counted")
    means = [rate * max(expected, _LEAST_EXPECTED) for rate in rates]
    hits = [count * log(mean) for mean in means]
    return [
        constant + hit - (size + count) * log(size + mean)
        for size, constant in ((size, _constant(size, count)) for size in SIZES)
        for mean, hit in zip(means, hits, strict=True)
    ]


def _constant(size: float, count: int) -> float:
    return lgamma(count + size) - lgamma(size) + size * log(size)


def _weighed(weights: list[float], log_chances: list[float]) -> list[float]:
    top = max(log_chances)
    return [weight * exp(chance - top) for weight, chance in zip(weights, log_chances, strict=True)]
