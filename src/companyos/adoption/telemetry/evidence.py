"""The facts that telemetry offers to gates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast

from companyos.adoption.telemetry import queries
from companyos.adoption.telemetry.domain.trends import (
    PersonDay,
    Trend,
    completion_trend,
    log_median,
    time_trend,
)
from companyos.adoption.telemetry.guardrail_evidence import GuardrailEvidence, Watches
from companyos.adoption.telemetry.queries import Span, Totals, outcomes
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.evidence import Fact, Question, ask, offer
from companyos.kernel.stats.binomial import lower_bound, upper_bound
from companyos.kernel.stats.improvement import MIN_PEOPLE
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants

Measured = TypeVar("Measured")

SETTLES_IN = timedelta(hours=4)  # a task not done by then counts as abandoned (P11)
SPRINT = timedelta(days=14)
_COUNTED_TOGETHER = frozenset(
    {
        "telemetry.task_success",
        "telemetry.task_completion",
        "telemetry.policy_violations",
        "telemetry.latency_p95_ms",
    }
)
_WORTH_ONE_QUERY = 5  # features; below, asking each is as quick
_WEEK = timedelta(days=7)
_TREND_WEEKS, _LEAST_TREND_WEEKS = 8, 4
_ACTIVE_SHARE, _ACTIVE_MEMBERS, _ACTIVE_TASKS = 0.3, 2, 5  # P1


@dataclass(frozen=True, slots=True)
class Company:
    """What telemetry must know of the company's time."""

    calendar: WorkingCalendar
    sprint_anchor: date
    baseline_since: datetime


class Telemetry:
    """Answers gates' questions for one company; guardrail readings come from the watch in memory."""

    def __init__(self, company: Company, watches: Watches) -> None:
        self._company = company
        self._guardrails = GuardrailEvidence(watches)
        self._everywhere: tuple[datetime | None, tuple[str, ...]] = (None, ())  # as prepared, for one moment
        self._ahead: dict[tuple[str, datetime, datetime], tuple[Totals, int]] = {}
        self._known: dict[object, Any] | None = None  # what was asked inside one block

    def offer_evidence(self) -> None:
        for name, answer in {
            "telemetry.task_success": self.task_success,
            "telemetry.task_completion": self.task_completion,
            "telemetry.latency_p95_ms": self.latency_p95,
            "telemetry.policy_violations": self.policy_violations,
            "telemetry.baseline_days": self.baseline_days,
            "telemetry.active_teams": self.active_teams,
            "telemetry.completion_trend": self.completion_trend,
            "telemetry.time_to_value_trend": self.time_to_value_trend,
            "telemetry.task_failed": self._guardrails.task_failed,
            "telemetry.roster": self._guardrails.roster,
            "telemetry.return_rate": self.return_rate,
            "telemetry.severe_bugs": self.severe_bugs,
            "telemetry.flag_exposures": flag_exposures,
            "telemetry.flags_asked": flags_asked,
        }.items():
            offer(name, answer, prepare=self._prepare if name in _COUNTED_TOGETHER else None)

    def _prepare(self, questions: Sequence[Question]) -> None:
        """Count the tasks of many features in two queries, for the questions that follow."""
        self._ahead, self._everywhere, self._known = {}, (None, ()), {} if questions else None
        if not questions:
            return
        self._everywhere = (questions[0].now, _every_tenant())
        alike = [q for q in questions if q.parameters.get("window") != "two_sprints"]
        since = {question.feature: question.since for question in alike}
        if len(since) < _WORTH_ONE_QUERY or any(since[q.feature] != q.since for q in alike):
            return
        now, everywhere = alike[0].now, self._everywhere[1]
        counted = queries.totals_by_feature(
            since, tenants=everywhere, until=now, settled_before=now - SETTLES_IN
        )
        failed = queries.error_sessions_by_feature(
            since, tenants=everywhere, until=now, zone=self._company.calendar.zone
        )
        self._ahead = {(each, since[each], now): (counted[each], failed[each]) for each in since}

    def _span(self, question: Question) -> Span:
        at, everywhere = self._everywhere
        return Span(
            question.feature,
            everywhere if at == question.now else _every_tenant(),
            question.since,
            question.now,
        )

    def _counted(self, span: Span) -> tuple[Totals, int] | None:
        return self._ahead.get((span.feature, span.since, span.until))

    def _totals(self, span: Span) -> Totals:
        """Tasks of a span; those that are settled began four hours before its end."""
        ahead = self._counted(span)
        if ahead:
            return ahead[0]
        return self._once(
            ("totals", span), lambda: queries.totals(span, settled_before=span.until - SETTLES_IN)
        )

    def _error_sessions(self, span: Span) -> int:
        ahead = self._counted(span)
        if ahead:
            return ahead[1]
        zone = self._company.calendar.zone
        return self._once(("error sessions", span), lambda: queries.error_sessions(span, zone))

    def _once(self, key: object, measure: Callable[[], Measured]) -> Measured:
        """Gates and risks of one tick ask the same of the same span: the engine is asked once."""
        known = self._known
        if known is None:
            return measure()
        if key not in known:
            known[key] = measure()
        return cast(Measured, known[key])

    def task_success(self, question: Question) -> Fact:
        """Share of tasks without an error session, of these people, with an exact binomial bound."""
        if question.parameters.get("window") == "two_sprints":
            return self._two_sprints(question)
        span = self._span(question)
        return self._success_in(span, question, "since this stage began")

    def _success_in(self, span: Span, question: Question, window: str) -> Fact:
        tasks = self._totals(span).tasks
        failed = min(tasks, self._error_sessions(span))
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
        span = self._span(question)
        totals = self._totals(span)
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
        totals = self._totals(self._span(question))
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
        confidence = float(question.parameters.get("confidence") or 0.95)
        span = self._span(question)
        n, value, low, high = self._once(
            ("latency", span, confidence), lambda: queries.latency_quantile(span, 0.95, confidence)
        )
        return Fact(
            "telemetry.latency_p95_ms", value, low, high, n, "ms", "since this stage began", "event engine"
        )

    def baseline_days(self, question: Question) -> Fact:
        """On how many days the old path was measured before anybody was on (R66)."""
        span = Span(
            question.feature, _every_tenant(), self._company.baseline_since, question.now, path="existing"
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

    def active_teams(self, question: Question) -> Fact:
        """Teams that are actively using (P1) in production tenants, or each team of the stage."""
        production = tenants.production_tenants()
        everywhere = question.parameters.get("of") == "stage"
        periods = int(question.parameters.get("periods") or 2)
        span = Span(
            question.feature,
            _every_tenant() if everywhere else tuple(sorted(production)),
            question.now - periods * _WEEK,
            question.now,
        )
        done = queries.completions_by_person(span)
        asked = question.newly_on if everywhere else question.people
        rows = []
        for team in identity.teams():
            exposed = [person for person in team.people if person in asked]
            if not exposed or team.slug == question.parameters.get("owner") or len(team.people) < 3:
                continue
            if not everywhere and team.tenant not in production:
                continue
            weeks = [[done.get((person, back), 0) for person in exposed] for back in range(periods)]
            rows.append(
                {
                    "team": team.title,
                    "tenant": team.tenant,
                    "active": all(_uses(week) for week in weeks),
                    "exposed": len(exposed),
                    "members": [sum(n > 0 for n in week) for week in weeks],
                }
            )
        active = sum(bool(row["active"]) for row in rows)
        return Fact(
            "telemetry.active_teams",
            float(active),
            None,
            None,
            len(rows),
            "teams",
            f"last {periods} weeks" if periods > 1 else "last week",
            "event engine",
            details={"teams": rows},
        )

    def completion_trend(self, question: Question) -> Fact:
        """Change of completion of the same people, first against last half since exposure (P5)."""
        days, exposed_on = self._own_days(question)
        trend = completion_trend(days, exposed_on, self._today(question))
        now_done = sum(day.done for day in days) / max(1, sum(day.begun for day in days))
        old = self._days(question, "existing")
        before = sum(day.done for day in old) / max(1, sum(day.begun for day in old))
        return _trend_fact(
            "telemetry.completion_trend", trend, "points", now_done >= before, now_done, before
        )

    def time_to_value_trend(self, question: Question) -> Fact:
        """Change of each person's log median of handling time (P5); at target = not slower than the old path."""
        days, exposed_on = self._own_days(question)
        trend = time_trend(days, exposed_on, self._today(question))
        now_takes, before = (log_median(each) or 0.0 for each in (days, self._days(question, "existing")))
        return _trend_fact(
            "telemetry.time_to_value_trend", trend, "log", now_takes <= before, now_takes, before
        )

    def return_rate(self, question: Question) -> Fact:
        """Share of people who went back to the old path within a day of their first use (P10)."""
        span = queries.Events(question.feature, _every_tenant(), question.since, question.now)
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

    def severe_bugs(self, question: Question) -> Fact:
        """Sev1 and Sev2 a week beside the people active in it, in two halves of whole weeks (P4)."""
        on_since = datetime.fromisoformat(question.parameters["production_since"])
        weeks = int((question.now - on_since) / _WEEK)
        weeks = min(weeks - weeks % 2, _TREND_WEEKS)
        if weeks < _LEAST_TREND_WEEKS:
            problem = f"{weeks} whole weeks since the start; two halves of at least two are needed"
            return Fact("telemetry.severe_bugs", n=weeks, unit="weeks", problem=problem)
        since = question.now - weeks * _WEEK
        told = ask("cases.severe_bugs_opened", replace(question, since=since))
        if told.value is None:
            return Fact("telemetry.severe_bugs", n=weeks, unit="weeks", problem=told.problem)
        opened = [datetime.fromisoformat(at) for at in told.details["opened"]]
        rows = []
        for week in range(weeks):
            begins, ends = since + week * _WEEK, since + (week + 1) * _WEEK
            span = Span(question.feature, _every_tenant(), begins, ends)
            active = {person for person, _ in queries.completions_by_person(span)}
            rows.append([sum(begins <= at < ends for at in opened), len(active)])
        return Fact(
            "telemetry.severe_bugs",
            float(len(opened)),
            n=sum(people for _, people in rows),
            unit="bugs",
            window=f"{weeks} weeks",
            source="cases and event engine",
            details={
                "first": rows[: weeks // 2],
                "last": rows[weeks // 2 :],
                "open_sev1": told.details["open_sev1"],
                "open_sev2": told.details["open_sev2"],
            },
        )

    def _own_days(self, question: Question) -> tuple[tuple[PersonDay, ...], dict[str, date]]:
        zone = self._company.calendar.zone
        exposed = queries.first_exposures(question.feature)
        exposed_on = {p: at.astimezone(zone).date() for p, at in exposed.items() if p in question.people}
        return self._days(question, "unified"), exposed_on

    def _days(self, question: Question, path: str) -> tuple[PersonDay, ...]:
        span = Span(
            question.feature, _every_tenant(), self._company.baseline_since, question.now - SETTLES_IN, path
        )
        return queries.person_days(span, str(self._company.calendar.zone))

    def _today(self, question: Question) -> date:
        return question.now.astimezone(self._company.calendar.zone).date()


def flag_exposures(question: Question) -> Fact:
    """Who met which variant of a flag, tenant by tenant (R95): distinct people, and evaluations."""
    flag = str(question.parameters["flag"])
    met = queries.flag_exposures(flag, question.since, question.now)
    days = max(1, round((question.now - question.since) / timedelta(days=1)))
    return Fact(
        "telemetry.flag_exposures",
        float(met.people),
        n=met.evaluations,
        unit="people",
        window=f"the last {days} days",
        source="event engine",
        problem="" if met.evaluations else "no program has reported an evaluation of this flag",
        details={"rows": met.rows, "variants": met.by_variant},
    )


def flags_asked(question: Question) -> Fact:
    """When each flag was last evaluated, by any program that reports it."""
    asked = queries.flags_asked(question.since, question.now)
    problem = "" if asked else "no program reports evaluations"
    return Fact(
        "telemetry.flags_asked", float(len(asked)), source="event engine", problem=problem, details=asked
    )


def _every_tenant() -> tuple[str, ...]:
    return tuple(sorted(tenants.titles()))


def _share(name: str, good: int, n: int, question: Question, window: str, details: dict[str, object]) -> Fact:
    confidence = float(question.parameters.get("confidence") or 0.95)
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


def _uses(week: Iterable[int]) -> bool:
    done = list(week)
    members = sum(n > 0 for n in done)
    needed = max(_ACTIVE_MEMBERS, _ACTIVE_SHARE * len(done))
    return members >= needed and sum(done) >= _ACTIVE_TASKS


def _one_more_good_sprint_would_do(sprints: list[Fact], question: Question) -> bool:
    """Tell whether the newest sprint met the target and only the one before it did not: time alone can mend that."""
    target = float(question.parameters.get("at_least") or 1.0)
    before, newest = ((sprint.low or 0.0) >= target for sprint in sprints)
    return newest and not before


def _trend_fact(name: str, trend: Trend, unit: str, at_target: bool, now: float, before: float) -> Fact:
    details = {"at_target": at_target, "now": round(now, 5), "old_path": round(before, 5)}
    if trend.change is None:
        return Fact(
            name,
            n=trend.people,
            unit=unit,
            window="since exposure",
            problem=f"{trend.people} people with enough tasks in both halves; needs {MIN_PEOPLE}",
            details=details,
        )
    change = trend.change
    return Fact(
        name,
        change.value,
        change.low,
        change.high,
        trend.people,
        unit,
        "since exposure",
        "event engine",
        details=details,
    )
