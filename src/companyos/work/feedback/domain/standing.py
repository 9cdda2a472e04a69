"""How triage does in use: what people kept, what they changed, and how often it was sure. Pure arithmetic over rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from companyos.kernel.stats.binomial import wilson_lower, wilson_upper
from companyos.work.feedback.domain.types import Axis, Suggestion

_ONE_SIDED = 0.975  # both sides together: a 95 % interval


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`, with Wilson's 95 % interval; None where nothing was counted."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def low(self) -> float:
        return wilson_lower(self.hits, self.n, _ONE_SIDED) if self.n else 0.0

    @property
    def high(self) -> float:
        return wilson_upper(self.hits, self.n, _ONE_SIDED) if self.n else 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Of what was suggested in a time.

    `right`: answered ones whose squad was the one named first; `right_when_sure`: the same among sure ones;
    `covered`: sure ones among all that were suggested; `overridden`: answered ones in which a person changed anything.
    """

    suggested: int
    right: Share
    right_when_sure: Share
    covered: Share
    overridden: Share


def standing(suggestions: Iterable[Suggestion]) -> Standing:
    every = list(suggestions)
    answered = [each for each in every if not each.is_open]
    named = [each for each in answered if each.of(Axis.SQUAD).label]
    sure = [each for each in named if each.of(Axis.SQUAD).sure]
    return Standing(
        len(every),
        Share(sum(map(_is_right, named)), len(named)),
        Share(sum(map(_is_right, sure)), len(sure)),
        Share(sum(each.of(Axis.SQUAD).sure for each in every), len(every)),
        Share(sum(map(_is_overridden, answered)), len(answered)),
    )


def _is_right(each: Suggestion) -> bool:
    return each.answers[-1].squad == each.of(Axis.SQUAD).label


def _is_overridden(each: Suggestion) -> bool:
    return any(not answer.accepted for answer in each.answers)
