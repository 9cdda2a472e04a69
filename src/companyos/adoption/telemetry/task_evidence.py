"""The facts about tasks: do they succeed, are they done, how long do answers take."""

from __future__ import annotations

from datetime import datetime, timedelta

from companyos.adoption.telemetry import queries
from companyos.adoption.telemetry.counting import P95, TaskCounts, confidence_of, every_tenant
from companyos.adoption.telemetry.domain.company_time import Company
from companyos.adoption.telemetry.queries import Span, outcomes
from companyos.kernel.evidence import Fact, Question
from companyos.kernel.stats.binomial import lower_bound, upper_bound
from companyos.people.tenants import queries as tenants

SPRINT = timedelta(days=14)


class TaskEvidence:
    """Answers gates' questions about tasks."""

    def __init__(self, company: Company, counts: TaskCounts) -> None:
        self._company, self._counts = company, counts

    def task_success(self, question: Question) -> Fact:
        """Share of tasks without an error session, of these people, with an exact binomial bound."""
        if question.parameters.get("window") == "two_sprints":
            return self._two_sprints(question)
        span = self._counts.span(question)
        return self._success_in(span, question, "since this stage began")

    def _success_in(self, span: Span, question: Question, window: str) -> Fact:
        tasks = self._counts.totals(span).tasks
        failed = min(tasks, self._counts.error_sessions(span))
        days = max(1, self._company.calendar.working_days_between(span.since, span.until))
        told: dict[str, object] = {"failed": failed, "tasks_a_day": round(tasks / days, 2)}
        return _share("telemetry.task_success", tasks - failed, tasks, question, window, told)

    def _two_sprints(self, question: Question) -> Fact:
        """Each of the last two complete sprints must meet the target on its own (R72, P3)."""
        production = tuple(sorted(tenants.production_tenants()))
        starts = self._complete_sprints(question)
        if len(starts) < 2:
            return Fact(
                "telemetry.task_success",
                n=0,
                window="two sprints",
                problem=f"{len(starts)} complete sprints with the feature on in a production tenant; needs 2",
                details={"waits": True},
            )
        sprints = [
            self._success_in(
                Span(question.feature, production, start, start + SPRINT),
                question,
                f"sprint from {start:%d %b}",
            )
            for start in starts[-2:]
        ]
        worst = min(sprints, key=lambda fact: fact.low if fact.low is not None else 0.0)
        return Fact(
            worst.name,
            worst.value,
            worst.low,
            worst.high,
            sum(fact.n or 0 for fact in sprints),
            "share",
            f"two sprints, from {starts[-2]:%d %b}; the weaker one",
            "event engine",
            details={
                "sprints": [
                    {"from": str(s.date()), "low": f.low, "high": f.high, "n": f.n, **f.details}
                    for s, f in zip(starts[-2:], sprints, strict=True)
                ],
                "latest_high": sprints[-1].high,
                "waits": _one_more_good_sprint_would_do(sprints, question),
            },
        )

    def _complete_sprints(self, question: Question) -> list[datetime]:
        on_since = datetime.fromisoformat(question.parameters["production_since"])
        zone = self._company.calendar.zone
        start = datetime.combine(self._company.sprint_anchor, datetime.min.time(), zone)
        found = []
        while start + SPRINT <= question.now:
            if start.date() >= on_since.astimezone(zone).date():
                found.append(start)
            start = datetime.combine(start.date() + SPRINT, datetime.min.time(), zone)
        return found

    def task_completion(self, question: Question) -> Fact:
        """Share of tasks begun at least four hours ago that are done."""
        span = self._counts.span(question)
        totals = self._counts.totals(span)
        return _share(
            "telemetry.task_completion",
            totals.settled_done,
            totals.settled,
            question,
            "since this stage began",
            {},
        )

    def policy_violations(self, question: Question) -> Fact:
        """Share of tasks that were done against policy."""
        totals = self._counts.totals(self._counts.span(question))
        return _share(
            "telemetry.policy_violations",
            min(totals.violations, totals.tasks),
            totals.tasks,
            question,
            "since this stage began",
            {},
        )

    def latency_p95(self, question: Question) -> Fact:
        """The 95th percentile of response time in ms."""
        span = self._counts.span(question)
        n, value, low, high = self._counts.latency(span, P95, confidence_of(question))
        return Fact(
            "telemetry.latency_p95_ms", value, low, high, n, "ms", "since this stage began", "event engine"
        )

    def baseline_days(self, question: Question) -> Fact:
        """On how many days the old path was measured before anybody was on (R66)."""
        span = Span(
            question.feature, every_tenant(), self._company.baseline_since, question.now, path="existing"
        )
        days = queries.days_with_tasks(span, str(self._company.calendar.zone))
        return Fact(
            "telemetry.baseline_days",
            float(days),
            None,
            None,
            days,
            "days",
            "before the rollout",
            "event engine",
        )

    def return_rate(self, question: Question) -> Fact:
        """Share of people who went back to the old path within a day of their first use (P10)."""
        span = queries.Events(question.feature, every_tenant(), question.since, question.now)
        found = outcomes.bounce(span)
        settled = found.people - found.open
        return _share(
            "telemetry.return_rate",
            found.bounced,
            settled,
            question,
            "since this stage began",
            {"open": found.open},
        )


def _share(name: str, good: int, n: int, question: Question, window: str, details: dict[str, object]) -> Fact:
    confidence = confidence_of(question)
    if n == 0:
        return Fact(name, n=0, unit="share", window=window, source="event engine", problem="no task yet")
    return Fact(
        name,
        good / n,
        lower_bound(good, n, confidence),
        upper_bound(good, n, confidence),
        n,
        "share",
        window,
        "event engine",
        details=dict(details),
    )


def _one_more_good_sprint_would_do(sprints: list[Fact], question: Question) -> bool:
    """Tell whether the newest sprint met the target and only the one before it did not: time alone can mend that."""
    target = float(question.parameters.get("at_least") or 1.0)
    before, newest = ((sprint.low or 0.0) >= target for sprint in sprints)
    return newest and not before
