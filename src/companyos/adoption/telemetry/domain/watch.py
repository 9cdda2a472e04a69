"""The guardrail of one stage: takes each event as it comes and says how strong the evidence of harm is.

Each signal has a rule (`rules`) that compares as the plan declares; their evidence is merged on one clock
(`kernel.stats.merge`). Where no comparison is possible, people's own days are all there is (`own_baseline`).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from companyos.adoption.telemetry.domain.catches import Usual, what_could_be_caught
from companyos.adoption.telemetry.domain.comparison import MEASURED, TEAMS, Compares, Comparison
from companyos.adoption.telemetry.domain.day_book import DayBook, mean_tasks_a_day
from companyos.adoption.telemetry.domain.reading import Reading, SignalReading
from companyos.adoption.telemetry.domain.roster import RosterWatch
from companyos.adoption.telemetry.domain.rules import Sides, enough_people, is_confirmed
from companyos.adoption.telemetry.domain.symptoms import (
    EVALUATED,
    REPORTED,
    Limits,
    Seen,
    Symptoms,
)
from companyos.adoption.telemetry.domain.tracker import Tracker
from companyos.kernel.frozen_state import frozen, thawed
from companyos.kernel.stats.did_split import (
    MIN_PRE_DAYS,
    MIN_PRE_SESSIONS,
    MIN_UNEXPOSED_PEOPLE,
    ROLL_BACK_AT,
)
from companyos.kernel.stats.merge import MergedEvidence, Signal

PRE_DAYS = 20
NEW_PATH, OLD_PATH = "unified", "existing"
_COUNTERS = (
    "limits",
    "_unlimited",
    "_pre_days",
    "_usual",
    "_symptoms",
    "_roster",
    "_today",
    "_exposed_tasks",
    "_people",
    "_last_seen",
    "_active_others",
)


@dataclass(frozen=True, slots=True)
class Who:
    """The people of a stage: those whom it switches on, those still off, and each one's team."""

    exposed: frozenset[str]
    others: frozenset[str]
    team_of: Mapping[str, str]
    everybody_on: frozenset[str] = frozenset()  # those of earlier stages too
    salt: str = ""  # of the draw of person-days


class Watch:
    """State of one stage's guardrail. Deterministic in the events' (time, id) order; late events are re-sorted."""

    def __init__(
        self,
        book: DayBook,
        who: Who,
        *,
        since: datetime,
        first_exposed_on: date,
        comparison: Comparison = TEAMS,
        confirm_two_days: bool = False,
        errors_defined_on: date = date.min,
    ) -> None:
        """`errors_defined_on` is since when errors are counted as they are now; days before it say nothing."""
        self._zone, self._who, self._since = book.zone, who, since
        self._comparison, self._confirm_two_days = comparison, confirm_two_days
        self._first_exposed_on, self._errors_defined_on = first_exposed_on, errors_defined_on
        self._signals = tuple(signal for signal in comparison.signals if signal in MEASURED)
        self.limits, self._unlimited = self._limits_of(book)
        days = book.before(
            first_exposed_on,
            most=PRE_DAYS,
            limits=self.limits,
            signals=self._signals,
            since=errors_defined_on,
        )
        self._pre_days = len(days)
        self._usual = (
            mean_tasks_a_day(days.values(), who.exposed),
            mean_tasks_a_day(days.values(), who.others),
        )
        self._said: tuple[Any, Reading] | None = None
        self._trackers = {signal: Tracker.learned(signal, days, who, comparison) for signal in self._signals}
        self._rows: list[Seen] = []
        self._is_stale = False  # something came late, and was not counted yet
        self._earlier: Callable[[], Iterable[Seen]] | None = None
        self._begin()

    def _limits_of(self, book: DayBook) -> tuple[Limits, str]:
        """Fix what is slow before the stage starts: a limit that moves with the fault would not find it."""
        said, hours = self._comparison.slow_after_ms, timedelta(hours=self._comparison.abandoned_after_hours)
        if said is not None or Signal.LATENCY not in self._comparison.signals:
            return Limits(said, hours), ""
        try:
            return Limits(book.slow_limit_before(self._first_exposed_on), hours), ""
        except ValueError as problem:
            return Limits(None, hours), f"no limit for slow answers: {problem}"

    def take(self, seen: Seen) -> None:
        """Take one event. One that comes late is put where it belongs and the stage is counted again."""
        if seen.time < self._since or not self._concerns(seen):
            return
        if self._is_stale or (self._last_seen is not None and (seen.time, seen.id) <= self._last_seen):
            self._put_in_place(seen)
            return
        self._rows.append(seen)
        self._count(seen)

    def recount(self, rows: Iterable[Seen]) -> None:
        """Count the stage from its beginning, from stored events in any order."""
        self._is_stale = False
        self._rows = sorted(
            {(s.time, s.id): s for s in rows if s.time >= self._since and self._concerns(s)}.values()
        )
        self._earlier = None
        self._begin()
        for each in self._rows:
            self._count(each)

    @property
    def breached(self) -> bool:
        """Tell whether the evidence is enough to take people back; cheap, asked at every event."""
        self._settle()
        if self._merged.evidence < ROLL_BACK_AT or self.problem() or self._roster.problem():
            return False
        enough = any(each.rule.exposed_sessions >= each.rule.fewest for each in self._trackers.values())
        return enough and (not self._confirm_two_days or self._is_confirmed())

    @property
    def last_seen(self) -> datetime | None:
        self._settle()
        return self._last_seen[0] if self._last_seen else None

    def silent_sides(self, working: Callable[[datetime, datetime], timedelta], now: datetime) -> str:
        """Say whose telemetry has stalled (see `roster`); `working` gives the working time between two moments."""
        return self._roster.silent(self._usual, working, self._since, now)

    def could_catch(self, days: int) -> str:
        """Say what this stage could and could not catch at the traffic before it, in `days` working days."""
        lead = next(iter(self._trackers.values()))
        usual = Usual(len(self._who.exposed), *self._usual, lead.baseline_rate, self._pre_days)
        return what_could_be_caught(self._comparison, usual, days=days)

    def reading(self, *, points_of_harm: float = 0.02) -> Reading:
        """Return what the watch says now."""
        self._settle()
        key = (self._last_seen, points_of_harm)
        if self._said is None or self._said[0] != key:
            self._said = key, self._read(points_of_harm)
        return self._said[1]

    def _read(self, points_of_harm: float) -> Reading:
        lead = next(iter(self._trackers.values()))
        safe = lead.rule.safe(baseline=lead.baseline_rate, tasks=self._exposed_tasks, harm=points_of_harm)
        own = max(self._trackers.values(), key=lambda each: each.own_evidence)
        return Reading(
            comparison=self._comparison.kind,
            evidence=self._merged.evidence,
            exposed_sessions=lead.rule.exposed_sessions,
            expected_sessions=lead.rule.expected_sessions,
            exposed_tasks=self._exposed_tasks,
            most_sessions=max(each.rule.exposed_sessions for each in self._trackers.values()),
            safe=safe.safe,
            probability_safe=safe.probability,
            limit=safe.limit,
            effect=safe.effect,
            effect_low=safe.low,
            effect_high=safe.high,
            problem=self.problem(),
            roster=self._roster.problem(),
            own_evidence=own.own_evidence,
            own_sessions=lead.own_sessions,
            own_expected=lead.own_expected_so_far,
            without_best_day=self._without_best_day(),
            confirmed=self._is_confirmed(),
            signals=tuple(self._signal_readings()),
        )

    def problem(self) -> str:
        """Say why nothing is taken back automatically; empty when a comparison is possible."""
        if self._comparison.kind is Compares.NONE:
            return "no comparison group: the plan compares this stage with nobody"
        if self._comparison.kind is Compares.RANDOMISED:
            return enough_people(len(self._who.exposed))
        if self._comparison.kind is Compares.SWITCHBACK:
            return ""
        if len(self._who.others) < MIN_UNEXPOSED_PEOPLE:
            return "no comparison group: nearly everybody is on"
        sessions = self._trackers[self._signals[0]].pre_sessions
        because = "before exposure"
        if self._errors_defined_on > self._first_exposed_on - timedelta(days=28):
            because = f"since errors are counted as now ({self._errors_defined_on:%d %b}): the weeks before say nothing"
        if self._pre_days < MIN_PRE_DAYS:
            return f"no comparison group: {self._pre_days} days {because}, {MIN_PRE_DAYS} are needed"
        if sessions < MIN_PRE_SESSIONS:
            return f"no comparison group: {sessions} errors {because}, {MIN_PRE_SESSIONS} are needed"
        return ""

    def _begin(self) -> None:
        self._said = None
        for tracker in self._trackers.values():
            tracker.begin_stage()
        self._merged = MergedEvidence(self._signals)
        self._symptoms = Symptoms(self._zone, self._signals, self.limits)
        self._roster = RosterWatch(self._comparison)
        self._exposed_tasks = 0
        self._today: date | None = None
        self._last_seen: tuple[datetime, str] | None = None
        self._people: dict[str, bool] = {}  # at work in this stage -> on
        self._active_others: set[str] = set()

    def _concerns(self, seen: Seen) -> bool:
        """People of earlier stages are on for good and compared with nobody; strangers only spoil the roster."""
        return seen.actor in self._who.exposed or seen.actor not in self._who.everybody_on

    def _is_compared(self, person: str) -> bool:
        if person in self._who.exposed:
            return True
        return person in self._who.others and self._comparison.kind is not Compares.SWITCHBACK

    def _is_on(self, person: str, day: date) -> bool:
        if self._comparison.kind is Compares.SWITCHBACK:
            return person in self._who.exposed and self._comparison.draws_on(self._who.salt, person, day)
        return person in self._who.exposed

    def _count(self, seen: Seen) -> None:
        self._last_seen = seen.time, seen.id
        day = seen.time.astimezone(self._zone).date()
        on = self._is_on(seen.actor, day)
        self._roster.take(
            seen,
            on=on,
            exposed=seen.actor in self._who.exposed,
            compared=self._is_compared(seen.actor),
            since=self._since,
            new_path=NEW_PATH,
        )
        works = seen.event != EVALUATED and _is_on_its_path(seen, on)
        if not works or not self._is_compared(seen.actor):
            return
        for happened in self._symptoms.take(seen):
            self._turn_to(happened.at.astimezone(self._zone).date())
            ours = self._is_on(happened.person, happened.at.astimezone(self._zone).date())
            self._trackers[happened.signal].happened(happened.person, on=ours)
            self._judge(happened.signal)
        self._turn_to(day)
        if self._symptoms.begins_a_task(seen):
            self._count_task(seen, on)
        for signal in self._signals:
            self._judge(signal)

    def _turn_to(self, day: date) -> None:
        if day != self._today:
            self._today = day
            self._active_others = set()
            for tracker in self._trackers.values():
                tracker.begin_day()

    def _count_task(self, seen: Seen, on: bool) -> None:
        self._people.setdefault(seen.actor, on)
        self._exposed_tasks += on
        if not on:
            self._active_others.add(seen.actor)
        for tracker in self._trackers.values():
            tracker.task(seen.actor, seen.kind, on)

    def _judge(self, signal: Signal) -> None:
        """Compare sessions only while enough unexposed people are at work; until then they wait."""
        tracker, today = self._trackers[signal], self._today
        if not tracker.waiting or today is None or not self._can_compare(tracker):
            return
        on = sum(self._people.values())
        sides = Sides(tracker.ours, tracker.theirs, on, len(self._people) - on)
        for person in tracker.waiting:
            tracker.rule.take(person=person, day=today, on=self._is_on(person, today), sides=sides)
        tracker.waiting.clear()
        self._merged.take(signal, tracker.rule.evidence)

    def _can_compare(self, tracker: Tracker) -> bool:
        if self._comparison.kind is Compares.TEAMS:
            return len(self._active_others) >= MIN_UNEXPOSED_PEOPLE and tracker.ours > 0
        if self._comparison.kind is Compares.RANDOMISED:
            return 0 < sum(self._people.values()) < len(self._people)
        return True

    def _put_in_place(self, late: Seen) -> None:
        place = bisect_left(self._rows, late)
        if place < len(self._rows) and self._rows[place] == late:
            return  # it was counted
        insort(self._rows, late)
        self._is_stale = True

    def _settle(self) -> None:
        """Count the stage again when something came late: once, however much did."""
        if self._is_stale:
            self.recount([*(self._earlier() if self._earlier else ()), *self._rows])

    def _without_best_day(self) -> float:
        """Merge each signal's evidence without its best day: careful, as their best days may differ."""
        merged = MergedEvidence(self._signals)
        for signal, tracker in self._trackers.items():
            merged.take(signal, tracker.rule.without_best_day())
        return merged.evidence

    def _is_confirmed(self) -> bool:
        """Asked only when it matters: looking at every day anew takes time."""
        evidence = self._merged.evidence
        return evidence >= ROLL_BACK_AT and is_confirmed(evidence, self._without_best_day())

    def _signal_readings(self) -> Iterable[SignalReading]:
        shares = self._merged.shares()
        for signal in self._comparison.signals:
            tracker = self._trackers.get(signal)
            if tracker is None:
                yield SignalReading(signal, 1.0, 0.0, 0, 0.0, "not connected: nothing here sends it yet")
                continue
            problem = self._unlimited if signal is Signal.LATENCY else ""
            rule = tracker.rule
            yield SignalReading(
                signal, rule.evidence, shares[signal], rule.exposed_sessions, rule.expected_sessions, problem
            )

    def state(self) -> dict[str, Any]:
        """Return everything that a restart needs to go on, as plain JSON: small, as rules keep diaries."""
        self._settle()
        return {
            "counters": {name: frozen(getattr(self, name)) for name in _COUNTERS},
            "trackers": {signal.name: each.state() for signal, each in self._trackers.items()},
            "merged": {signal.name: each.rule.evidence for signal, each in self._trackers.items()},
        }

    def restore(self, state: Mapping[str, Any], earlier: Callable[[], Iterable[Seen]]) -> None:
        """Go on from a state. `earlier` reads the stage's stored events, should one come late after all."""
        for name, value in state["counters"].items():
            setattr(self, name, thawed(value))
        for signal, tracker in self._trackers.items():
            tracker.restore(state["trackers"][signal.name])
            self._merged.take(signal, state["merged"][signal.name])
        self._rows, self._earlier, self._is_stale, self._said = [], earlier, False, None


def _is_on_its_path(seen: Seen, on: bool) -> bool:
    """A person's report counts wherever it was made; work only on the path that the person was given."""
    return seen.event == REPORTED or seen.path == (NEW_PATH if on else OLD_PATH)
