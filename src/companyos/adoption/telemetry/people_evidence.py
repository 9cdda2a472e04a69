"""The facts about people over weeks: who is actively using, who gets on better, who meets severe bugs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from companyos.adoption.telemetry import queries
from companyos.adoption.telemetry.counting import every_tenant
from companyos.adoption.telemetry.domain.company_time import SETTLES_IN, Company
from companyos.adoption.telemetry.domain.trends import (
    PersonDay,
    Trend,
    completion_trend,
    log_median,
    time_trend,
)
from companyos.adoption.telemetry.queries import Span
from companyos.kernel.evidence import Fact, Question, ask
from companyos.kernel.stats.improvement import MIN_PEOPLE
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants

_WEEK = timedelta(days=7)
_TREND_WEEKS, _LEAST_TREND_WEEKS = 8, 4
_ACTIVE_SHARE, _ACTIVE_MEMBERS, _ACTIVE_TASKS = 0.3, 2, 5  # P1


class PeopleEvidence:
    """Answers gates' questions about people."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def active_teams(self, question: Question) -> Fact:
        """Teams that are actively using (P1) in production tenants, or each team of the stage."""
        production = tenants.production_tenants()
        everywhere = question.parameters.get("of") == "stage"
        periods = int(question.parameters.get("periods") or 2)
        span = Span(
            question.feature,
            every_tenant() if everywhere else tuple(sorted(production)),
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
            span = Span(question.feature, every_tenant(), begins, ends)
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
            question.feature, every_tenant(), self._company.baseline_since, question.now - SETTLES_IN, path
        )
        return queries.person_days(span, str(self._company.calendar.zone))

    def _today(self, question: Question) -> date:
        return question.now.astimezone(self._company.calendar.zone).date()


def _uses(week: Iterable[int]) -> bool:
    done = list(week)
    members = sum(n > 0 for n in done)
    needed = max(_ACTIVE_MEMBERS, _ACTIVE_SHARE * len(done))
    return members >= needed and sum(done) >= _ACTIVE_TASKS


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
