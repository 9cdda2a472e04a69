"""The facts that surveys offer to gates."""

from __future__ import annotations

from dataclasses import asdict

from companyos.adoption.surveys import queries
from companyos.kernel.evidence import Fact, Question, offer
from companyos.kernel.small_groups import hidden_groups
from companyos.kernel.stats.opinions import satisfied_share


def satisfaction(question: Question) -> Fact:
    """Share of answers that are satisfied (top two boxes), with Wilson bounds, of all who were asked."""
    counted = queries.tally(str(question.parameters["survey"]))
    details = {
        "asked": counted.asked,
        "satisfied": counted.satisfied,
        "by_tenant": _by_tenant(str(question.parameters["survey"])),
    }
    if not counted.answered:
        return Fact(
            "surveys.satisfaction",
            n=0,
            unit="share",
            window="since the first stage",
            problem=f"no answer yet, {counted.asked} asked",
            details=details,
        )
    share = satisfied_share(counted.satisfied, counted.answered)
    return Fact(
        "surveys.satisfaction",
        share.value,
        share.low,
        share.high,
        counted.answered,
        "share",
        "since the first stage",
        "surveys",
        details=details,
    )


def _by_tenant(survey: str) -> dict[str, dict[str, object]]:
    """Answers per tenant, without those so few that they could be somebody's (R97)."""
    counted = {tenant: tally for tenant, tally in queries.tally_by_tenant(survey).items() if tally.answered}
    hidden = hidden_groups({tenant: tally.answered for tenant, tally in counted.items()})
    return {
        tenant: {"hidden": True}
        if tenant in hidden
        else {**asdict(satisfied_share(t.satisfied, t.answered)), "n": t.answered}
        for tenant, t in sorted(counted.items())
    }


def offer_evidence() -> None:
    offer("surveys.satisfaction", satisfaction)
