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


def open_sev1(question: Question) -> Fact:
    """Name every open Sev1, feature by feature: each holds its rollout at once."""
    bugs = queries.every_open_sev1()
    return Fact(
        "cases.open_sev1",
        float(sum(map(len, bugs.values()))),
        unit="bugs",
        window="open now",
        source="cases",
        details=bugs,
    )


def severe_bugs_opened(question: Question) -> Fact:
    """When each Sev1 and Sev2 of a feature was opened, and how many of each are open now (P4)."""
    opened = queries.severe_bugs_opened(question.feature, question.since, question.now)
    still = queries.open_bugs(question.feature, (Severity.SEV1, Severity.SEV2))
    return Fact(
        "cases.severe_bugs_opened",
        float(len(opened)),
        n=len(opened),
        unit="bugs",
        window="since the question's start",
        source="cases",
        details={
            "opened": [at.isoformat() for at in opened],
            "open_sev1": sum(bug.severity is Severity.SEV1 for bug in still),
            "open_sev2": sum(bug.severity is Severity.SEV2 for bug in still),
        },
    )


def offer_evidence() -> None:
    offer("cases.open_sev1", open_sev1)
    offer("cases.severe_bugs_opened", severe_bugs_opened)
    offer("cases.open_severe_bugs", open_severe_bugs)
