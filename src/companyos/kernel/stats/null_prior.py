"""What both guardrail rules believe before a stage: how far error rates may stray without any fault.

Weights are plain lists, one block of `BETAS` per value of the rule's second unknown (see `did_split`,
`own_baseline`).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, inf
from operator import mul

STEP = 0.15
BETAS = tuple(STEP * (i - 16) for i in range(33))
"""Log of how many times as often exposed teams err as their expectation says."""

EFFECTS = (1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0)
"""How many times as often a faulty feature might make them err; evidence is the mean over these."""

DRIFT_ALLOWANCE = 0.25
"""Standard deviation of beta between the weeks before and the stage: teams drift apart on their own."""

_BETA_SPREAD = 0.7


def null_prior(blocks: int) -> list[float]:
    """Return the weights before any day is learned, the same for each of the `blocks`."""
    bell = [exp(-0.5 * (beta / _BETA_SPREAD) ** 2) for beta in BETAS]
    return normalised(bell * blocks)


def drifted(weights: list[float], tau: float) -> list[float]:
    """Return the weights after beta moved by an unknown step of standard deviation `tau`; 0 moves nothing."""
    if tau == 0:
        return normalised(weights)
    columns = [normalised([exp(-0.5 * ((to - start) / tau) ** 2) for to in BETAS]) for start in BETAS]
    rows = list(zip(*columns, strict=True))
    return normalised([sum(map(mul, row, block)) for block in blocks_of(weights) for row in rows])


def blocks_of(weights: list[float]) -> Iterator[list[float]]:
    """Yield the weights of all betas for each value of the second unknown."""
    for start in range(0, len(weights), len(BETAS)):
        yield weights[start : start + len(BETAS)]


def normalised(weights: list[float]) -> list[float]:
    total = sum(weights)
    return [weight / total for weight in weights]


def ratio_of(weights: list[float], null_weights: list[float], likelihood: list[float]) -> float:
    """Return how many times better the alternative explains what was seen than the null does."""
    null = sum(map(mul, null_weights, likelihood))
    return sum(map(mul, weights, likelihood)) / null if null > 0 else inf
