"""What cases know that a gate may ask."""

from __future__ import annotations

from companyos.kernel.evidence import Fact, Question, offer
from companyos.work.cases import queries
from companyos.work.cases.domain.types import Severity


def open_severe_bugs(question: Question) -> Fact:
    """Count the feature's open Sev1 and Sev2 bugs, with the age of the oldest in hours."""
    bugs = queries.open_bugs(question.feature, (Severity.SEV1, Severity.SEV2))
    ages = [(question.now - bug.opened_at).total_seconds() / 3600 for bug in bugs]
    return Fact(
        "cases.open_severe_bugs",
        value=float(len(bugs)),
        n=len(bugs),
        unit="bugs",
        window="open now",
        source="cases",
        details={
            "sev1": sum(bug.severity is Severity.SEV1 for bug in bugs),
            "oldest_hours": round(max(ages, default=0.0), 2),
            "cases": [f"{bug.tenant}-{bug.number}" for bug in bugs],
        },
    )


def offer_evidence() -> None:
    offer("cases.open_severe_bugs", open_severe_bugs)
