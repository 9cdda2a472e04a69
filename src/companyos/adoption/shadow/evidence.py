"""The facts that shadow runs offer to gates."""

from __future__ import annotations

from companyos.adoption.shadow import queries
from companyos.adoption.shadow.domain.classes import coverage
from companyos.adoption.shadow.domain.types import Answered
from companyos.kernel.evidence import Fact, Question, offer
from companyos.kernel.stats.binomial import lower_bound, upper_bound

MOST_LEFT_OUT = 0.1
_CONFIDENCE = 0.95
_WORST = 3


def mismatch(question: Question) -> Fact:
    """Share of comparisons since the stage began that differ for no explained reason, with exact one-sided bounds.

    A gate passes when the upper bound is at most its limit over at least so many comparisons (R118). Where more than a
    tenth of the sampled calls were left out (the candidate hung, or there was no room), what is left does not speak for
    them, and there is no value. A fix is believed once so many pairs ran after it that its class would have come again.
    """
    workflow = str(question.parameters.get("workflow") or "")
    confidence = float(question.parameters.get("confidence") or _CONFIDENCE)
    found = queries.standing_of(question.feature, question.since, question.now, workflow=workflow)
    n, missed = found.compared, found.skipped + found.too_large
    told = queries.fixes(question.feature, question.since, question.now, workflow=workflow)
    details = {
        "unproven": [each.says for each in told if not each.is_proven],
        "explained": found.explained,
        "unexplained": found.unexplained,
        **_after_switch(found.new_answered, confidence),
        "left_out": {**found.left_out, "too_large": found.too_large},
        "worst": _worst(question, workflow) if found.unexplained else [],
    }
    problem = ""
    if not n:
        problem = "no pair was compared in shadow yet"
    elif missed > MOST_LEFT_OUT * (n + missed):
        problem = f"{missed} of {n + missed} calls could not be compared: the rest does not speak for them"
    if problem:
        return Fact("shadow.mismatch", n=n, unit="share", window=_WINDOW, problem=problem, details=details)
    return Fact(
        "shadow.mismatch",
        found.unexplained / n,
        lower_bound(found.unexplained, n, confidence),
        upper_bound(found.unexplained, n, confidence),
        n,
        "share",
        _WINDOW,
        "event engine",
        details=details,
    )


def _after_switch(found: Answered, confidence: float) -> dict[str, object]:
    """The pairs in which the new path answered, by themselves: a thousand good ones before must not hide them."""
    if not found.compared:
        return {}
    low = lower_bound(found.unexplained, found.compared, confidence)
    return {"after_switch": {"n": found.compared, "unexplained": found.unexplained, "low": low}}


def covered(question: Question) -> Fact:
    """Share of the old path's cases of 90 days whose way ran on the new path without an unexplained difference (P9)."""
    variants = queries.coverage_variants(question.feature, question.now)
    share = coverage(variants)
    never = [each.name for each in variants if each.cases and not each.compared]
    return Fact(
        "shadow.coverage",
        share,
        share,  # all cases are counted, none is drawn: there is nothing between low and high
        share,
        sum(each.cases for each in variants),
        "share",
        "last 90 days",
        "event engine",
        problem="" if share is not None else "the old path told of no case in 90 days",
        details={"never_ran": never[:20], "variants": len(variants)},
    )


def _worst(question: Question, workflow: str) -> list[dict[str, object]]:
    found = queries.classes(question.feature, question.since, question.now, workflow=workflow)
    open_ones = [each for each in found if not each.is_explained]
    return [
        {
            "workflow": each.workflow,
            "places": list(each.places),
            "count": each.count,
            "signature": each.signature,
        }
        for each in open_ones[:_WORST]
    ]


_WINDOW = "since this stage began"


def offer_evidence() -> None:
    offer("shadow.mismatch", mismatch)
    offer("shadow.coverage", covered)
