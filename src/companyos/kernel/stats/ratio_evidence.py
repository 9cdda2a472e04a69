"""Whether treated people err more often, from nothing but whose error came next.

Under no harm the next error is a treated person's with a known chance; a mixture of harmful ratios bets on more.
The evidence is an e-process: by Ville's inequality it reaches 20 in at most 1 of 20 harmless stages, however
often one looks (Ville 1939; conditional MaxSPRT: Li 2010, Silva 2019).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import exp, inf, isfinite, log, log1p

from companyos.kernel.stats.interval import Interval, check_confidence

RATIOS = (1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0)
"""How many times as often a faulty feature might make people err; the evidence is the mean over these."""

_LOG_RATIOS = tuple(log(ratio) for ratio in RATIOS)
_FARTHEST = 12.0  # log of the largest ratio the interval looks at
_HALVINGS = 50
_LARGEST_LOG = 700.0  # beyond, exp overflows


class RatioEvidence:
    """Evidence that treated people err more than `harmless_ratio` times as often, and the ratio's interval.

    Each error is taken with the share of people at risk who were treated at that time: what both sides share
    (an outage, a busy Monday, a ramp) cancels out. O(1) per error; memory grows with the number of different
    shares, so give one share per stage or slice of time.
    """

    evidence: float
    treated_errors: int
    control_errors: int

    def __init__(self, *, harmless_ratio: float = 1.0) -> None:
        if not (isfinite(harmless_ratio) and harmless_ratio > 0):
            raise ValueError(f"the harmless ratio must be a number above 0, got {harmless_ratio}")
        self._harmless = log(harmless_ratio)
        self._logs = [0.0] * (1 + len(RATIOS))  # log chance of all errors: without harm, then at each ratio
        self._counts: Counter[tuple[bool, float]] = Counter()  # by (treated, log odds of the share)
        self.evidence, self.treated_errors, self.control_errors = 1.0, 0, 0

    def take(self, treated: bool, share: float) -> float:
        """Count one error and return the evidence after it.

        `share` is the treated part of the people (or tasks) at risk in this slice, strictly between 0 and 1.
        Raises ValueError, and changes nothing, when it is not: without both sides there is no comparison.
        """
        return self.take_many(int(treated), int(not treated), share)

    def take_many(self, treated: int, control: int, share: float) -> float:
        """Count the errors of a whole slice at once, as when recomputing from stored counts; their order is nothing."""
        log_odds = _log_odds(share)
        if treated < 0 or control < 0:
            raise ValueError(f"{treated} and {control} errors cannot be counted; nothing was")
        for i, ratio in enumerate((0.0, *_LOG_RATIOS)):
            bet = log_odds + self._harmless + ratio
            self._logs[i] += treated * _log_chance(True, bet) + control * _log_chance(False, bet)
        self._counts[True, log_odds] += treated
        self._counts[False, log_odds] += control
        self.treated_errors += treated
        self.control_errors += control
        harmless, *bets = self._logs
        log_evidence = _log_mean_of_exponentials(bets) - harmless
        self.evidence = exp(log_evidence) if log_evidence < _LARGEST_LOG else inf
        return self.evidence

    def ratio(self, confidence: float) -> Interval:
        """Return the error-rate ratio, likeliest value first, with a two-sided interval of `confidence`.

        The interval holds at every look (a confidence sequence): its low end is above 1 when the evidence against
        ratios up to 1 has reached 2 / (1 - confidence). An end nothing bounds is 0 or infinite.
        """
        check_confidence(confidence)
        needed = log(2 / (1 - confidence))
        low = _crossing(lambda ratio: self._against(ratio, 1) >= needed)
        high = _crossing(lambda ratio: self._against(ratio, -1) < needed)
        return Interval(value=self._likeliest(), low=exp(low), high=exp(high))

    def _against(self, log_ratio: float, side: int) -> float:
        """Log evidence that the ratio lies above (`side` 1) or below (-1) exp(`log_ratio`)."""
        at = self._log_likelihood(log_ratio)
        beyond = [self._log_likelihood(log_ratio + side * step) - at for step in _LOG_RATIOS]
        return _log_mean_of_exponentials(beyond)

    def _log_likelihood(self, log_ratio: float) -> float:
        return sum(
            n * _log_chance(treated, log_odds + log_ratio) for (treated, log_odds), n in self._counts.items()
        )

    def _likeliest(self) -> float:
        """Solve: treated errors seen = treated errors expected at the ratio."""
        if not self._counts:
            return 1.0
        return exp(_crossing(lambda log_ratio: self._expected_treated(log_ratio) < self.treated_errors))

    def _expected_treated(self, log_ratio: float) -> float:
        return sum(n * exp(_log_chance(True, odds + log_ratio)) for (_, odds), n in self._counts.items())


def errors_to_find(ratio: float, share: float, *, evidence: float = 20.0) -> float:
    """Return about how many errors, of both sides, come until half of the stages with a true `ratio` are found.

    Wald's approximation: the log of the evidence needed over what one error tells on average. `share` is the treated
    part. Raises ValueError for a ratio that is not above 1.
    """
    if not ratio > 1:
        raise ValueError(f"only a ratio above 1 can be found, got {ratio}")
    harmless = _log_odds(share)
    harmful = harmless + log(ratio)
    told = (
        exp(_log_chance(treated, harmful)) * (_log_chance(treated, harmful) - _log_chance(treated, harmless))
        for treated in (True, False)
    )
    return log(evidence) / sum(told)


def _log_odds(share: float) -> float:
    if not 0 < share < 1:
        raise ValueError(f"no comparison is possible when a share of {share} is treated; nothing was counted")
    return log(share) - log1p(-share)


def _log_chance(treated: bool, log_odds: float) -> float:
    """Log of the chance that the next error is a treated (or a control) person's, without overflow."""
    x = log_odds if treated else -log_odds
    return x - log1p(exp(x)) if x < 0 else -log1p(exp(-x))


def _crossing(holds: Callable[[float], bool]) -> float:
    """Return the log ratio where `holds` turns from true to false; -inf or inf when it never does in sight."""
    low, high = -_FARTHEST, _FARTHEST
    if not holds(low):
        return -inf
    if holds(high):
        return inf
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _log_mean_of_exponentials(logs: list[float]) -> float:
    top = max(logs)
    return top + log(sum(exp(each - top) for each in logs) / len(logs))
