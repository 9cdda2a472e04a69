"""What each gate of a plan is told in one world: facts of the same shape as the product's rooms offer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec, Window
from companyos.adoption.rollouts.foretelling.sources import Source, TeamWork
from companyos.adoption.rollouts.foretelling.work import PRESENT, WEEK, NewDay, poisson
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.binomial import lower_bound, upper_bound, wilson_lower, wilson_upper
from companyos.kernel.stats.improvement import MIN_PEOPLE, MIN_TASKS, change_interval

_METRIC_OF = {
    GateKind.SHADOW_MISMATCH: "shadow_mismatch",
    GateKind.COMPLETION_TREND: "completion_trend",
    GateKind.TIME_TREND: "time_to_value_trend",
}
SPRINT_DAYS = 10  # working days
_ACTIVE_TASKS, _ACTIVE_MEMBERS, _LEAST_TEAM = 5, 2, 3
_SETTLES = 0.9  # share of the last day's tasks that are settled by its end
_TASK_SPREAD, _PERSON_SPREAD = 0.3, 0.05


@dataclass(slots=True)
class Asked:
    """When each person who was asked answers, and whether they are happy."""

    due: list[tuple[int, int, bool]] = field(
        default_factory=list
    )  # (asked on day, answers on day or -1, happy)

    def invite(self, people: int, day: int, source: Source, random: Random) -> None:
        surveys = source.workforce.surveys
        for _ in range(people):
            asked = day + surveys.asked_after_working_days
            answers = asked + random.randrange(3) if random.random() < surveys.response else -1
            self.due.append((asked, answers, random.random() < surveys.satisfied))


class Facts:
    """Answers the gates of one world, from what happened so far."""

    def __init__(self, source: Source, random: Random) -> None:
        self._source, self._random = source, random
        self.days: list[NewDay] = []
        self.on: dict[TeamWork, int] = {}
        self.asked = Asked()
        self.open_bugs = 0
        self.open_sev1 = False
        self.before = 0  # days on the existing path before anybody was on

    def tell(self, spec: GateSpec, *, since: int, day: int, joined: Sequence[TeamWork]) -> Fact:
        """Return the fact of a gate on `day` of a stage that began on day `since`."""
        if spec.kind is GateKind.SURVEY:
            return self._satisfaction(day)
        if spec.kind is GateKind.OPEN_BUGS or spec.metric.endswith("open_severe_bugs"):
            return self._bugs()
        if spec.kind is GateKind.ACTIVE_TEAMS:
            return self._active(spec, day, joined)
        return self._METRICS[_METRIC_OF.get(spec.kind, spec.metric)](self, spec, since, day)

    def _success(self, spec: GateSpec, since: int, day: int) -> Fact:
        if spec.window is Window.TWO_SPRINTS:
            return self._two_sprints(spec, day)
        return self._success_of(spec, self.days[since:])

    def _success_of(self, spec: GateSpec, days: Sequence[NewDay]) -> Fact:
        tasks = sum(each.tasks for each in days)
        failed = min(tasks, sum(each.failed for each in days))
        return _share(spec, tasks - failed, tasks)

    def _two_sprints(self, spec: GateSpec, day: int) -> Fact:
        firsts = [since for team, since in self.on.items() if team.in_production]
        sprints = [
            self._success_of(spec, self.days[start : start + SPRINT_DAYS])
            for start in self._sprint_starts(day)
            if firsts and start >= min(firsts)
        ]
        if len(sprints) < 2:
            return Fact(
                "telemetry.task_success", n=0, problem="fewer than two sprints", details={"waits": True}
            )
        last = sprints[-2:]
        worst = min(last, key=lambda fact: fact.low or 0.0)
        target = spec.at_least or 1.0
        earlier, newest = ((each.low or 0.0) >= target for each in last)
        details = {"latest_high": last[-1].high, "waits": newest and not earlier}
        n = sum(each.n or 0 for each in last)
        return Fact(worst.name, worst.value, worst.low, worst.high, n, "share", details=details)

    def _sprint_starts(self, day: int) -> list[int]:
        """Return the days of the plan on which complete sprints began."""
        ahead = (self._source.sprint_anchor - self._source.starts) // timedelta(days=1) % 14
        first = ahead // 7 * WEEK
        return [start for start in range(first, day + 1, SPRINT_DAYS) if start + SPRINT_DAYS <= day + 1]

    def _completion(self, spec: GateSpec, since: int, day: int) -> Fact:
        days = self.days[since:]
        tasks = sum(each.tasks for each in days) - round(_SETTLES * (days[-1].tasks if days else 0) / 2)
        given_up = min(tasks, sum(each.given_up for each in days))
        return _share(spec, tasks - given_up, tasks)

    def _violations(self, spec: GateSpec, since: int, day: int) -> Fact:
        tasks = sum(each.tasks for each in self.days[since:])
        return _share(spec, min(tasks, sum(each.violations for each in self.days[since:])), tasks)

    def _shadow(self, spec: GateSpec, since: int, day: int) -> Fact:
        a_day = sum(team.tasks_a_day for team in self._source.teams) * PRESENT
        pairs = poisson(a_day * (day + 1 - since), self._random)
        return _share(spec, min(pairs, poisson(pairs * self._source.failure, self._random)), pairs)

    def _latency(self, spec: GateSpec, since: int, day: int) -> Fact:
        """A p95 whose interval lies as the counts of slow answers do."""
        limit = spec.at_most or 0.0
        n = sum(each.tasks for each in self.days[since:])
        slow = sum(each.slow.get(limit, 0) for each in self.days[since:])
        name = f"telemetry.{spec.metric}"
        if not n:
            return Fact(name, n=0, unit="ms", problem="no task yet")
        confidence = spec.confidence or 0.95
        low = limit * (1.1 if upper_bound(n - slow, n, confidence) < 0.95 else 0.5)
        high = limit * (0.9 if lower_bound(n - slow, n, confidence) >= 0.95 else 1.5)
        return Fact(name, limit * (0.8 if slow <= 0.05 * n else 1.2), low, high, n, "ms")

    def _baseline(self, spec: GateSpec, since: int, day: int) -> Fact:
        days = self.before + day + 1
        return Fact("telemetry.baseline_days", float(days), n=days, unit="days")

    def _trend(self, spec: GateSpec, since: int, day: int) -> Fact:
        """The same people half against half since they were on, the first week dropped; without a true change."""
        better = spec.kind is GateKind.COMPLETION_TREND or spec.at_least is not None
        changes = []
        for team, on_since in self.on.items():
            half = max(0, day + 1 - on_since - WEEK) / 2
            mean = team.tasks_a_day / max(1, team.people) * PRESENT * half
            for _ in range(team.people):
                halves = [poisson(mean * self._random.uniform(0.4, 1.6), self._random) for _ in range(2)]
                if min(halves) >= MIN_TASKS:
                    noise = sum(_TASK_SPREAD**2 / n for n in halves) + _PERSON_SPREAD**2
                    changes.append(self._random.gauss(0.0, noise**0.5))
        name, unit = f"telemetry.{spec.metric}", "points" if better else "log"
        if len(changes) < MIN_PEOPLE:
            return Fact(name, n=len(changes), unit=unit, problem=f"{len(changes)} people; needs {MIN_PEOPLE}")
        interval = change_interval(changes)
        at_target = {"at_target": True}
        return Fact(name, interval.value, interval.low, interval.high, len(changes), unit, details=at_target)

    def _satisfaction(self, day: int) -> Fact:
        asked = sum(at <= day for at, _, _ in self.asked.due)
        answered = [happy for _, at, happy in self.asked.due if 0 <= at <= day]
        details = {"asked": asked, "satisfied": sum(answered)}
        n = len(answered)
        if not n:
            return Fact("surveys.satisfaction", n=0, unit="share", problem="no answer yet", details=details)
        happy = sum(answered)
        low, high = wilson_lower(happy, n, 0.9), wilson_upper(happy, n, 0.9)
        return Fact("surveys.satisfaction", happy / n, low, high, n, "share", details=details)

    def _bugs(self) -> Fact:
        details = {"oldest_hours": 6.0, "cases": ["a bug"] * self.open_bugs, "sev1": self.open_sev1}
        return Fact("cases.open_severe_bugs", float(self.open_bugs), n=self.open_bugs, details=details)

    def _active(self, spec: GateSpec, day: int, joined: Sequence[TeamWork]) -> Fact:
        teams = joined if spec.of == "stage" else [team for team in self.on if team.in_production]
        rows = []
        for slug in sorted({team.slug for team in teams}):
            parts = [team for team in teams if team.slug == slug]
            if sum(team.people for team in parts) >= _LEAST_TEAM:
                rows.append({"team": slug, "active": self._uses(parts, day, spec.periods)})
        active = sum(bool(row["active"]) for row in rows)
        return Fact("telemetry.active_teams", float(active), n=len(rows), details={"teams": rows})

    def _uses(self, parts: Sequence[TeamWork], day: int, periods: int) -> bool:
        weeks = [
            sum(each.by_team[parts[0].slug].tasks for each in days if parts[0].slug in each.by_team)
            for days in (
                self.days[max(0, day + 1 - WEEK * (n + 1)) : day + 1 - WEEK * n] for n in range(periods)
            )
        ]
        enough_people = sum(team.people for team in parts) >= _ACTIVE_MEMBERS
        return enough_people and all(tasks >= _ACTIVE_TASKS for tasks in weeks)

    _METRICS: dict[str, Callable[[Facts, GateSpec, int, int], Fact]] = {  # noqa: RUF012
        "task_success": _success,
        "task_completion": _completion,
        "policy_violations": _violations,
        "shadow_mismatch": _shadow,
        "latency_p95_ms": _latency,
        "baseline_days": _baseline,
        "completion_trend": _trend,
        "time_to_value_trend": _trend,
    }


def _share(spec: GateSpec, good: int, n: int) -> Fact:
    name = f"telemetry.{spec.metric}"
    if n <= 0:
        return Fact(name, n=0, unit="share", problem="no task yet")
    confidence = spec.confidence or 0.95
    return Fact(
        name, good / n, lower_bound(good, n, confidence), upper_bound(good, n, confidence), n, "share"
    )
