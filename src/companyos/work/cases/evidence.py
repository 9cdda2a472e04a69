"""What cases know that a gate may ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from companyos.kernel.evidence import Fact, Question, offer
from companyos.work.cases import queries
from companyos.work.cases.domain.types import CaseRow, Severity

_SEVERE = (Severity.SEV1, Severity.SEV2)


class OpenBugs:
    """The open severe bugs of every feature at one moment, read once for all who ask about it."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._by_feature: dict[str, tuple[CaseRow, ...]] = {}

    def prepare(self, questions: Sequence[Question]) -> None:
        self._at = questions[0].now if questions else None
        self._by_feature = queries.every_open_bug(_SEVERE) if questions else {}

    def open_severe_bugs(self, question: Question) -> Fact:
        """Count the feature's open Sev1 and Sev2 bugs, with the age of the oldest in hours."""
        if question.now == self._at:
            return open_severe_bugs(question, self._by_feature.get(question.feature, ()))
        return open_severe_bugs(question, queries.open_bugs(question.feature, _SEVERE))


def open_severe_bugs(question: Question, bugs: tuple[CaseRow, ...]) -> Fact:
    """Count these open bugs, with the age of the oldest in hours."""
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
    still = queries.open_bugs(question.feature, _SEVERE)
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
    bugs = OpenBugs()
    offer("cases.open_severe_bugs", bugs.open_severe_bugs, prepare=bugs.prepare)
