"""What answers to a short survey prove: the share who are satisfied, and the net promoter score.

Few answers say little and silent people may think otherwise, so both judgements ask for enough of those asked and say
what the silent could hide.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

from companyos.kernel.stats.binomial import wilson_lower, wilson_upper
from companyos.kernel.stats.finding import Answer, Finding
from companyos.kernel.stats.interval import Interval, check_confidence

MIN_ANSWERS = 10
MIN_RESPONSE = 0.4
_SLACK = 0.1  # the lower bound may lie this far under the target
_CONFIDENCE = 0.9
_ADDED = 1.375, 0.25, 1.375  # promoters, passives, detractors: chosen by exact coverage (docs/decisions/0066)
IMAGINED_ANSWERS = sum(_ADDED)


def judge_satisfaction(happy: int, answers: int, asked: int, *, target: float = 0.8) -> Finding:
    """Judge whether a share of at least `target` of those asked is satisfied.

    Passes when the share of answers reaches the target and Wilson's lower 90 % bound lies at most ten points below;
    fails when the upper bound lies below the target. Raises ValueError for impossible counts.
    """
    _check(happy, answers, asked, target)
    words = f"{happy} of {answers} ({answers} of {asked} asked)"
    if answers < MIN_ANSWERS or answers < MIN_RESPONSE * asked:
        needed = max(MIN_ANSWERS, ceil(MIN_RESPONSE * asked))
        return Finding(Answer.NOT_ENOUGH, f"{words}; needs {needed} answers")
    words += f"; if all silent people are unhappy {happy / asked:.0%}"
    if satisfaction_passes(happy, answers, target):
        return Finding(Answer.PASSED, words)
    if satisfaction_fails(happy, answers, target):
        return Finding(Answer.FAILED, words)
    return Finding(Answer.NOT_ENOUGH, words)


def satisfied_share(happy: int, answers: int) -> Interval:
    """Return the share of answers that are happy, with the two bounds that the judgement uses (Wilson, 90 % each)."""
    low, high = (bound(happy, answers, _CONFIDENCE) for bound in (wilson_lower, wilson_upper))
    return Interval(happy / answers, low, high)


def satisfaction_passes(happy: int, answers: int, target: float) -> bool:
    """Tell whether enough of the answers are happy, whatever the response."""
    return happy >= target * answers and wilson_lower(happy, answers, _CONFIDENCE) >= target - _SLACK


def satisfaction_fails(happy: int, answers: int, target: float) -> bool:
    """Tell whether too few of the answers are happy, whatever the response."""
    return wilson_upper(happy, answers, _CONFIDENCE) < target


@dataclass(frozen=True, slots=True)
class Promoters:
    """Answers to "would you recommend it?": 9 and 10 promote, 7 and 8 do not say, 0 to 6 detract."""

    promoters: int
    passives: int
    detractors: int

    @property
    def answers(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> float:
        """The net promoter score, -100 to 100; 0 without answers."""
        return 100 * (self.promoters - self.detractors) / self.answers if self.answers else 0.0

    def interval(self, confidence: float = 0.95) -> Interval:
        """Return the score with a two-sided adjusted Wald interval, which never leaves out the score itself.

        Three imagined answers are added, as Rocks (2016) does, but nearly all to the ends: from five answers on a 95 %
        interval then covers at least 90 % of whatever people think, also where nobody detracts. Rocks' own
        allotment (3/4, 3/2, 3/4) covers 79 % there, the plain interval nothing.
        """
        check_confidence(confidence)
        up, middle, down = (
            count + added
            for count, added in zip((self.promoters, self.passives, self.detractors), _ADDED, strict=True)
        )
        n = up + middle + down
        mean = (up - down) / n
        reach = _two_sided(confidence) * sqrt(((up + down) / n - mean**2) / n)
        low, high = max(-100.0, 100 * (mean - reach)), min(100.0, 100 * (mean + reach))
        return Interval(self.score, min(low, self.score), max(high, self.score))

    def answers_needed(self, target: float, confidence: float = 0.95) -> int | None:
        """Return about how many answers of this spread prove the score above `target`; None when it is not above."""
        margin = (self.score - target) / 100
        if margin <= 0:
            return None
        share = self.score / 100
        spread = (self.promoters + self.detractors) / self.answers - share**2
        return ceil(spread * (_two_sided(confidence) / margin) ** 2)


def judge_promoters(counts: Promoters, asked: int, *, target: float, confidence: float = 0.95) -> Finding:
    """Judge whether the net promoter score is at least `target` (-100 to 100); both bounds at `confidence`."""
    _check(0, counts.answers, asked, 0.5)
    interval = counts.interval(confidence)
    response = counts.answers / asked if asked else 0.0
    words = (
        f"NPS {counts.score:+.0f}, {confidence:.0%} interval {interval.low:+.0f} to {interval.high:+.0f} from"
        f" {counts.answers} of {asked} asked ({response:.0%} answered)"
    )
    enough = counts.answers >= MIN_ANSWERS and response >= MIN_RESPONSE
    if enough and interval.low >= target:
        return Finding(Answer.PASSED, words)
    if enough and interval.high < target:
        return Finding(Answer.FAILED, words)
    needed = counts.answers_needed(target, confidence) if counts.answers else None
    return Finding(
        Answer.NOT_ENOUGH, words + (f"; needs about {needed} answers at this spread" if needed else "")
    )


def _two_sided(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _check(happy: int, answers: int, asked: int, target: float) -> None:
    if not 0 <= happy <= answers <= asked or not 0 < target < 1:
        raise ValueError(f"{happy} of {answers} answers of {asked} asked against {target} is impossible")
