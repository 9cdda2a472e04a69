"""What cases know that a gate may ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import isfinite
from typing import Any

from companyos.kernel.evidence import Fact, Question, offer
from companyos.kernel.stats.binomial import lower_bound, upper_bound
from companyos.kernel.stats.quantiles import quantile_interval
from companyos.work.cases import queries
from companyos.work.cases.domain.types import CaseRow, Origin, Severity
from companyos.work.cases.queries.attainment import ClockOutcome, FixTime, by_tenant

_CONFIDENCE = 0.95  # each bound alone; both together: 90 %
_LISTED = 50
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


def sla_attainment(question: Question) -> Fact:
    """The share of a feature's clocks that were kept, of those kept or missed in the period (R86)."""
    rows = queries.outcomes(question.since, question.now, question.feature)
    missed = [row for row in rows if not row.kept]
    details = {
        "missed": [f"{row.label} {row.clock}" for row in missed[:_LISTED]],
        "by_clock": {
            clock: _share([row for row in rows if row.clock == clock])
            for clock in sorted({r.clock for r in rows})
        },
        "by_tenant": {tenant: _share(theirs) for tenant, theirs in by_tenant(rows).items()},
    }
    if not rows:
        return _none("cases.sla_attainment", "no clock ended in the period", "share")
    value = _share(list(rows))
    return _fact("cases.sla_attainment", value, "share", details)


def fix_figures(rows: Sequence[FixTime], waiting: int | None) -> dict[str, Any]:
    """The median and the 90 % quantile of how long a reporter waits, in hours of working time; and who still waits."""
    if not rows:
        return {"n": 0, "waiting": waiting}
    worked = [row.working_hours for row in rows]
    return {"p50": _quantile(worked, 0.5), "p90": _quantile(worked, 0.9), "n": len(rows), "waiting": waiting}


def time_to_fix(question: Question) -> Fact:
    """How many hours of working time a reporter waits, from the report to the release that reached them (R5)."""
    rows, waiting = queries.fix_times(question.since, question.now, question.feature)
    if not rows:
        return _none(
            "feedback.time_to_fix", f"no fix was released in the period; {waiting} reports wait", "hours"
        )
    details = {
        "p90": _quantile([row.working_hours for row in rows], 0.9),
        "elapsed_p50": _quantile([row.hours for row in rows], 0.5),
        "waiting": waiting,
        "by_tenant": {
            tenant: _quantile([row.working_hours for row in theirs], 0.5)
            for tenant, theirs in by_tenant(rows).items()
        },
    }
    return _fact(
        "feedback.time_to_fix", _quantile([row.working_hours for row in rows], 0.5), "hours", details
    )


def internal_origin(question: Question) -> Fact:
    """The share of a feature's shipped changes that internal feedback asked for (R6)."""
    counted = queries.origins(question.since, question.now, question.feature)
    n = sum(counted.values())
    if not n:
        return _none("cases.internal_origin", "no change was shipped in the period", "share")
    ours = counted.get(Origin.INTERNAL_FEEDBACK, 0)
    return _fact("cases.internal_origin", share_of(ours, n), "share", {"origins": counted})


def share_of(good: int, n: int) -> dict[str, Any]:
    """A share with its 90 % interval (Clopper-Pearson, 5 % to each side)."""
    low, high = lower_bound(good, n, _CONFIDENCE), upper_bound(good, n, _CONFIDENCE)
    return {"value": good / n, "low": low, "high": high, "n": n}


def _share(rows: Sequence[ClockOutcome]) -> dict[str, Any]:
    return share_of(sum(row.kept for row in rows), len(rows))


def _quantile(values: Sequence[float], q: float) -> dict[str, Any]:
    found = quantile_interval(sorted(values), q, 0.9)
    ends = (end if isfinite(end) else None for end in (found.low, found.high))
    return {"value": found.value, **dict(zip(("low", "high"), ends, strict=True)), "n": len(values)}


def _fact(name: str, figure: dict[str, Any], unit: str, details: dict[str, Any]) -> Fact:
    return Fact(
        name, **figure, unit=unit, window="since the question's start", source="cases", details=details
    )


def _none(name: str, problem: str, unit: str) -> Fact:
    return Fact(name, n=0, unit=unit, source="cases", problem=problem, details={"by_tenant": {}})


def offer_evidence() -> None:
    offer("cases.sla_attainment", sla_attainment)
    offer("cases.internal_origin", internal_origin)
    offer("feedback.time_to_fix", time_to_fix)
    offer("cases.open_sev1", open_sev1)
    offer("cases.severe_bugs_opened", severe_bugs_opened)
    bugs = OpenBugs()
    offer("cases.open_severe_bugs", bugs.open_severe_bugs, prepare=bugs.prepare)
