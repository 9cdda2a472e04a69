"""What each team did and how often it erred, day by day: the memory of the guardrails.

Per person only the number of tasks is kept, never an error rate; error sessions are kept by team and kind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from companyos.kernel.error_sessions import ErrorSessions
from companyos.kernel.stats.expected_errors import (
    expected_of_person_day,
    log_offset,
    overall_rate,
    team_rate,
)


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A task begun or failed, in (time, id) order."""

    time: datetime
    id: str
    actor: str
    kind: str
    path: str
    failed: bool


@dataclass(slots=True)
class Day:
    """One day on the existing path: tasks per person and kind, and the error sessions in order."""

    tasks: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sessions: list[tuple[str, str]] = field(default_factory=list)  # (person, kind)


class DayBook:
    """The days of one feature's existing path; take events in (time, id) order. Days are those of `zone`."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.days: dict[date, Day] = defaultdict(Day)
        self._sessions = ErrorSessions(zone=zone)

    def take(self, seen: Seen) -> None:
        day = self.days[seen.time.astimezone(self.zone).date()]
        if not seen.failed:
            day.tasks[seen.actor][seen.kind] += 1
        elif self._sessions.opens_one(seen.actor, seen.time):
            day.sessions.append((seen.actor, seen.kind))

    def before(self, day: date, *, most: int) -> dict[date, Day]:
        """Return the last `most` days before `day` on which anything was done."""
        return {each: self.days[each] for each in sorted(d for d in self.days if d < day)[-most:]}


@dataclass(frozen=True, slots=True)
class Baseline:
    """Error sessions to expect per weighted task of each team, and what a task of each kind weighs."""

    overall: float
    rates: Mapping[str, float]
    weights: Mapping[str, float]

    @classmethod
    def of(cls, days: Iterable[Day], team_of: Mapping[str, str]) -> Baseline:
        """Fit the baseline on days before exposure (facts: every team is its own control)."""
        tasks, sessions = Counter[str](), Counter[str]()
        by_team: dict[str, Counter[str]] = defaultdict(Counter)
        erring = Counter[str]()
        for day in days:
            for person, kinds in day.tasks.items():
                tasks.update(kinds)
                by_team[team_of.get(person, "")].update(kinds)
            sessions.update(kind for _, kind in day.sessions)
            erring.update(team_of.get(person, "") for person, _ in day.sessions)
        overall = overall_rate(sessions.total(), float(tasks.total()))
        weights = {kind: team_rate(sessions[kind], n, overall) / overall for kind, n in tasks.items()}
        rates = {
            team: team_rate(erring[team], sum(weights[k] * n for k, n in kinds.items()), overall)
            for team, kinds in by_team.items()
        }
        return cls(overall, rates, weights)

    def expected(self, team: str, kinds: Mapping[str, int]) -> float:
        """Return the chance that a person of `team` with these tasks today has an error session."""
        weighted = sum(self.weights.get(kind, 1.0) * n for kind, n in kinds.items())
        return expected_of_person_day(weighted, self.rates.get(team, self.overall))


def offset_of_day(
    day: Day, baseline: Baseline, team_of: Mapping[str, str], exposed: frozenset[str], others: frozenset[str]
) -> float | None:
    """Return the log of expected errors of the exposed over the others on a whole day; None without either."""
    ours = sum(baseline.expected(team_of.get(p, ""), k) for p, k in day.tasks.items() if p in exposed)
    theirs = sum(baseline.expected(team_of.get(p, ""), k) for p, k in day.tasks.items() if p in others)
    return log_offset(ours, theirs) if ours > 0 and theirs > 0 else None
