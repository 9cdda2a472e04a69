"""How well each point of a grid explains the way one day's errors split between exposed and unexposed people.

The split is beta-binomial: errors of one day hang together (an incident, a busy team), those of two days do
not.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from math import exp, isfinite
from operator import mul

SPREADS = (4.0, 8.0, 16.0, 32.0, 64.0)
"""How closely a day keeps to its expected split (beta-binomial size): at 4 one side easily has a bad day."""

_LARGEST_LOG_OFFSET = 20.0
_VANISHING = 1e-100  # likelihoods are scaled up below this; two of them multiply without underflow


class DaySplit:
    """The error sessions of one day so far.

    `likelihood` has one block of the grid's points per value of `SPREADS`; `odds` are the grid's odds that
    the next error is an exposed person's when both sides expect equally many.
    """

    __slots__ = ("_exposed", "_odds", "likelihood", "sessions")

    def __init__(self, odds: list[float], likelihood: list[float] | None = None) -> None:
        self._odds = odds
        self._exposed = 0
        self.sessions = 0
        self.likelihood = likelihood or [1.0] * (len(odds) * len(SPREADS))

    def take(self, exposed: bool, log_offset: float) -> None:
        """Count one session: P(next is exposed) = (q s + a) / (s + k), with `a` exposed of `k` so far."""
        shares = expected_shares(self._odds, log_offset)
        alike = self._exposed
        if not exposed:
            shares = [1 - share for share in shares]
            alike = self.sessions - self._exposed
        pulls = [(spread / (spread + self.sessions), alike / (spread + self.sessions)) for spread in SPREADS]
        chances = [share * grid + day for grid, day in pulls for share in shares]
        self.likelihood = product_of([self.likelihood, chances])
        self.sessions += 1
        self._exposed += exposed


def expected_shares(odds: list[float], log_offset: float) -> list[float]:
    """Return the share q of errors that exposed people should have, at each odds.

    `log_offset` is the log of their expected errors over those of the others. Raises ValueError when the
    offset is not a number or leaves one side without any expectation.
    """
    if not isfinite(log_offset) or abs(log_offset) > _LARGEST_LOG_OFFSET:
        raise ValueError(f"no comparison is possible at a log offset of {log_offset}; nothing was counted")
    offset = exp(log_offset)
    return [each * offset / (1 + each * offset) for each in odds]


def product_of(likelihoods: Iterable[list[float]]) -> list[float]:
    """Return the likelihood of independent days together, scaled so that long stages do not vanish."""
    return reduce(_multiplied, likelihoods)


def _multiplied(first: list[float], second: list[float]) -> list[float]:
    product = list(map(mul, first, second))
    top = max(product)
    return product if top > _VANISHING else [each / top for each in product]
