"""The regularised incomplete beta function and its inverse.

Exact binomial bounds, binomial distribution functions and Student's t are all this one function.
"""

from __future__ import annotations

from math import exp, lgamma, log, log1p

_TINY = 1e-300  # keeps the continued fraction away from a division by zero
_PRECISION = 1e-15
_LONGEST_STEP = -5.0  # in log probability: a longer one could land where the function is 0 in floating point


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return I_x(a, b), the chance that a Beta(a, b) variable is at most `x` (DLMF 8.17.22, by Lentz)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    scale = exp(_log_density(a, b, log(x), log1p(-x)))
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side
        return 1.0 - scale * _continued_fraction(b, a, 1.0 - x) / b
    return scale * _continued_fraction(a, b, x) / a


def inverse_incomplete_beta(a: float, b: float, probability: float) -> float:
    """Return the x with I_x(a, b) = `probability`, which lies strictly between 0 and 1.

    Newton's method on log I as a function of logit x: that function is concave, so the steps cannot run away.
    """
    if probability > 0.5:
        return 1.0 - inverse_incomplete_beta(b, a, 1.0 - probability)
    logit = log(a / b)
    for _ in range(60):
        log_x, log_rest = -_log_one_plus_exp(-logit), -_log_one_plus_exp(logit)
        reached = incomplete_beta(a, b, exp(log_x))
        ahead = max(_LONGEST_STEP, log(probability / reached))
        step = ahead * reached / exp(_log_density(a, b, log_x, log_rest))
        logit += step
        if abs(step) < 1e-13 * max(1.0, abs(logit)):
            break
    return exp(-_log_one_plus_exp(-logit))


def binomial_at_most(successes: int, n: int, chance: float) -> float:
    """Return the chance of at most `successes` in `n` independent trials that each succeed with `chance`."""
    if successes < 0:
        return 0.0
    if successes >= n:
        return 1.0
    return incomplete_beta(n - successes, successes + 1, 1.0 - chance)


def _log_density(a: float, b: float, log_x: float, log_rest: float) -> float:
    """Log of x^a (1-x)^b / B(a, b): the density of Beta(a, b) on the logit scale."""
    return a * log_x + b * log_rest + lgamma(a + b) - lgamma(a) - lgamma(b)


def _log_one_plus_exp(value: float) -> float:
    return value + log1p(exp(-value)) if value > 0 else log1p(exp(value))


def _continued_fraction(a: float, b: float, x: float) -> float:
    numerator, denominator = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1))
    fraction = denominator
    for m in range(1, 100_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            denominator = 1.0 / _away_from_zero(1.0 + term * denominator)
            numerator = _away_from_zero(1.0 + term / numerator)
            fraction *= numerator * denominator
        if abs(numerator * denominator - 1.0) < _PRECISION:
            return fraction
    raise ArithmeticError(f"incomplete beta did not settle at a={a}, b={b}, x={x}")


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
