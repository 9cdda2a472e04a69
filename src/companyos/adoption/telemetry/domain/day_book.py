"""What each team did and what went wrong for it, day by day on the existing path: the memory of the guardrails.

What is kept of a person is which tasks were done; rates are fitted by team and kind, never by person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo

from companyos.adoption.telemetry.domain.folded import Folded
from companyos.adoption.telemetry.domain.symptoms import Limits, Seen, Symptoms, place_of
from companyos.kernel.frozen_state import keeps
from companyos.kernel.local_days import LocalDays
from companyos.kernel.stats.expected_errors import (
    expected_of_person_day,
    log_offset,
    overall_rate,
    team_rate,
)
from companyos.kernel.stats.merge import Signal
from companyos.kernel.stats.slow_limit import slow_limit

_KEPT = timedelta(days=63)  # four weeks before a stage, and the stage
_WEEK = 5  # days with work that the slow limit looks at


@dataclass(slots=True)
class Day:
    """One day on the existing path: tasks per person and kind, and each signal's sessions in order."""

    tasks: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sessions: dict[Signal, list[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # (person, kind)

    @property
    def errors(self) -> list[tuple[str, str]]:
        return self.sessions.get(Signal.ERROR, [])


class DayBook:
    """The days of one feature's existing path; days are those of `zone`, and old ones are forgotten."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self._days = LocalDays(zone)
        self._rows: dict[date, Folded] = defaultdict(Folded)

    def take(self, seen: Seen) -> None:
        day = self._days.of(seen.time)
        if day not in self._rows:
            for old in [each for each in self._rows if each < day - _KEPT]:
                del self._rows[old]
        self._rows[day].append(seen)

    def before(
        self,
        day: date,
        *,
        most: int,
        limits: Limits,
        signals: Iterable[Signal] = (Signal.ERROR,),
        since: date = date.min,
    ) -> dict[date, Day]:
        """Count the last `most` days before `day`, none older than `since`, on which anything was done."""
        symptoms = Symptoms(self.zone, signals, limits)
        days: dict[date, Day] = {}
        for each in self._before(day, most, since):
            days[each] = counted = Day()
            for seen in sorted(self._rows[each], key=place_of):
                for happened in symptoms.take(seen):
                    on = days.get(happened.at.astimezone(self.zone).date(), counted)
                    on.sessions[happened.signal].append((happened.person, happened.kind))
                if symptoms.begins_a_task(seen):
                    counted.tasks[seen.actor][seen.kind] += 1
        return days

    def every_day(self) -> dict[date, Day]:
        """Count every day on record, with its error sessions."""
        return self.before(date.max, most=len(self._rows), limits=Limits())

    def slow_limit_before(self, day: date) -> float:
        """Return the response time in ms that 5 % of the last week's tasks exceeded. Raises ValueError below 100."""
        week = self._before(day, _WEEK, date.min)
        return slow_limit(
            seen.latency_ms for each in week for seen in self._rows[each] if seen.latency_ms is not None
        )

    def _before(self, day: date, most: int, since: date) -> list[date]:
        return sorted(each for each in self._rows if since <= each < day)[-most:]


@keeps
@dataclass(frozen=True, slots=True)
class Baseline:
    """One signal's sessions to expect per weighted task of each team, and what a task of each kind weighs."""

    overall: float
    rates: Mapping[str, float]
    weights: Mapping[str, float]

    @classmethod
    def of(cls, days: Iterable[Day], team_of: Mapping[str, str], signal: Signal = Signal.ERROR) -> Baseline:
        """Fit the baseline on days before exposure (facts: every team is its own control)."""
        tasks, sessions = Counter[str](), Counter[str]()
        by_team: dict[str, Counter[str]] = defaultdict(Counter)
        erring = Counter[str]()
        for day in days:
            for person, kinds in day.tasks.items():
                tasks.update(kinds)
                by_team[team_of.get(person, "")].update(kinds)
            happened = day.sessions.get(signal, [])
            sessions.update(kind for _, kind in happened)
            erring.update(team_of.get(person, "") for person, _ in happened)
        overall = overall_rate(sessions.total(), float(tasks.total()))
        weights = {kind: team_rate(sessions[kind], n, overall) / overall for kind, n in tasks.items()}
        rates = {
            team: team_rate(erring[team], sum(weights[k] * n for k, n in kinds.items()), overall)
            for team, kinds in by_team.items()
        }
        return cls(overall, rates, weights)

    def expected(self, team: str, kinds: Mapping[str, int]) -> float:
        """Return the chance that a person of `team` with these tasks today has a session."""
        weighted = sum(self.weights.get(kind, 1.0) * n for kind, n in kinds.items())
        return expected_of_person_day(weighted, self.rates.get(team, self.overall))


def offset_of_day(
    day: Day, baseline: Baseline, team_of: Mapping[str, str], exposed: frozenset[str], others: frozenset[str]
) -> float | None:
    """Return the log of expected sessions of the exposed over the others on a whole day; None without either."""
    ours = sum(baseline.expected(team_of.get(p, ""), k) for p, k in day.tasks.items() if p in exposed)
    theirs = sum(baseline.expected(team_of.get(p, ""), k) for p, k in day.tasks.items() if p in others)
    return log_offset(ours, theirs) if ours > 0 and theirs > 0 else None


def mean_tasks_a_day(days: Iterable[Day], people: frozenset[str]) -> float:
    """Return how many tasks these people begin on a usual day; 0 without any day."""
    by_day = [sum(sum(kinds.values()) for p, kinds in day.tasks.items() if p in people) for day in days]
    return sum(by_day) / len(by_day) if by_day else 0.0
