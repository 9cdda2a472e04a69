"""Whether a newly learned model takes over from the one that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companyos.kernel.stats.binomial import wilson_lower, wilson_upper
from companyos.work.feedback.domain.calibration import Quality

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Situation:
    """The new model's quality for squads, that of the one in use on the same answers, and who chose the latter.

    `stays_by` is the person whose choice stands, after a rollback; empty when the model in use took over by itself.
    """

    new: Quality | None
    in_use: Quality | None
    stays_by: str


@dataclass(frozen=True, slots=True)
class Decision:
    takes_over: bool
    because: str
    rule: str


Answer = tuple[bool, str] | None


def a_rollback_stays(s: Situation) -> Answer:
    """After a person rolled back, no model takes over by itself: a person puts one into use."""
    if not s.stays_by:
        return None
    return False, f"{s.stays_by} rolled back; a person puts a version into use"


def nothing_about_squads_stays_out(s: Situation) -> Answer:
    """A model that has not learned squads does not replace one that has."""
    return (False, "it has not learned squads") if s.new is None and s.in_use is not None else None


def a_clearly_worse_model_stays_out(s: Situation) -> Answer:
    """A model whose interval of accuracy lies below that of the one in use, on the same answers, stays out."""
    if s.new is None or s.in_use is None:
        return None
    high, low = _upper(s.new), _lower(s.in_use)
    if high >= low:
        return None
    return False, f"right in at most {high:.1%} of what was held back; the one in use in at least {low:.1%}"


def the_newest_takes_over(s: Situation) -> Answer:
    """Otherwise the model that has learned from the newest answers takes over."""
    if s.new is None:
        return True, "it has learned what there was to learn"
    return True, f"right in {s.new.accuracy:.1%} of {s.new.n} answers held back"


RULES: tuple[Callable[[Situation], Answer], ...] = (
    a_rollback_stays,
    nothing_about_squads_stays_out,
    a_clearly_worse_model_stays_out,
    the_newest_takes_over,
)


def decide(situation: Situation) -> Decision:
    for rule in RULES:
        if answer := rule(situation):
            return Decision(*answer, rule.__name__)
    raise AssertionError("the_newest_takes_over always answers")


def _upper(quality: Quality) -> float:
    return wilson_upper(round(quality.accuracy * quality.n), quality.n, _CONFIDENCE)


def _lower(quality: Quality) -> float:
    return wilson_lower(round(quality.accuracy * quality.n), quality.n, _CONFIDENCE)
