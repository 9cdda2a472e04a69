"""The facts that surveys offer to gates."""

from __future__ import annotations

from companyos.adoption.surveys import queries
from companyos.kernel.evidence import Fact, Question, offer
from companyos.kernel.stats.binomial import wilson_lower, wilson_upper

_CONFIDENCE = 0.9


def satisfaction(question: Question) -> Fact:
    """Share of answers that are satisfied (top two boxes), with Wilson bounds, of all who were asked."""
    counted = queries.tally(str(question.parameters["survey"]))
    details = {"asked": counted.asked, "satisfied": counted.satisfied}
    if not counted.answered:
        return Fact(
            "surveys.satisfaction",
            n=0,
            unit="share",
            window="since the first stage",
            problem=f"no answer yet, {counted.asked} asked",
            details=details,
        )
    n, satisfied = counted.answered, counted.satisfied
    return Fact(
        "surveys.satisfaction",
        satisfied / n,
        wilson_lower(satisfied, n, _CONFIDENCE),
        wilson_upper(satisfied, n, _CONFIDENCE),
        n,
        "share",
        "since the first stage",
        "surveys",
        details=details,
    )


def offer_evidence() -> None:
    offer("surveys.satisfaction", satisfaction)
