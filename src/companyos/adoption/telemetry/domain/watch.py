"""The guardrail of one stage: takes each event as it comes and says how strong the evidence of harm is.

Each signal has a rule (`rules`) that compares as the plan declares; their evidence is merged on one clock (`signals`).
Where no comparison is possible, people's own days are all there is (`own_baseline`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from heapq import merge
from typing import Any

from companyos.adoption.telemetry.domain.comparison import TEAMS, Compares, Comparison
from companyos.adoption.telemetry.domain.day_book import DayBook
from companyos.adoption.telemetry.domain.folded import Folded
from companyos.adoption.telemetry.domain.ground import look_back
from companyos.adoption.telemetry.domain.people import Who
from companyos.adoption.telemetry.domain.reading import Reading
from companyos.adoption.telemetry.domain.roster import RosterWatch
from companyos.adoption.telemetry.domain.signals import Pairs, Signals
from companyos.adoption.telemetry.domain.symptoms import (
    EVALUATED,
    REPORTED,
    Limits,
    Seen,
    Symptoms,
    place_of,
)
from companyos.adoption.telemetry.domain.tracker import Tracker
from companyos.kernel.frozen_state import frozen, thawed
from companyos.kernel.local_days import LocalDays
from companyos.kernel.stats.did_split import MIN_UNEXPOSED_PEOPLE, ROLL_BACK_AT
from companyos.kernel.stats.effect import Effect

NEW_PATH, OLD_PATH = "unified", "existing"
_COUNTERS = (
    "_ground",
    "_symptoms",
    "_roster",
    "_today",
    "_exposed_tasks",
    "_people",
    "_last_seen",
    "_active_others",
)


class Watch:
    """State of one stage's guardrail. Deterministic in the events' (time, id) order; late events are re-sorted."""

    _symptoms: Symptoms
    _roster: RosterWatch
    _exposed_tasks: int
    _today: date | None
    _last_seen: tuple[datetime, str] | None
    _people: dict[str, bool]  # at work in this stage -> on
    _active_others: set[str]
    _said: tuple[Any, Reading] | None  # the last reading, and what it was of

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
        self._days = LocalDays(book.zone)
        self._comparison, self._confirm_two_days = comparison, confirm_two_days
        self._ground, days = look_back(
            book,
            who,
            comparison,
            first_exposed_on=first_exposed_on,
            errors_defined_on=errors_defined_on,
        )
        self._signals = Signals(comparison, days, who)
        self._rows = Folded()
        self._late: list[Seen] = []  # not counted yet
        self._is_whole = True  # False while it is counted again, and after that failed
        self._earlier: Callable[[], Iterable[Seen]] | None = None
        self._begin()

    def take(self, seen: Seen) -> None:
        """Take one event. One that comes late is put where it belongs and the stage is counted again."""
        if seen.time < self._since or not self._who.concerns(seen.actor):
            return
        if (
            self._late
            or not self._is_whole
            or (self._last_seen is not None and (seen.time, seen.id) <= self._last_seen)
        ):
            if not self._rows.holds(seen):
                self._late.append(seen)
            return
        self._rows.append(seen)
        self._count(seen)

    def recount(self, rows: Iterable[Seen]) -> None:
        """Count the stage from its beginning, from stored events in (time, id) order; what comes twice counts once.

        Should reading them fail half-way, the next look counts again what was known before.
        """
        mine = (seen for seen in rows if seen.time >= self._since and self._who.concerns(seen.actor))
        self._is_whole = False
        self._begin()
        counted = Folded()
        for seen in mine:
            if (seen.time, seen.id) != self._last_seen:
                counted.append(seen)
                self._count(seen)
        self._rows, self._late, self._earlier, self._is_whole = counted, [], None, True

    @property
    def pairs(self) -> Pairs:
        """What a shadow run of the stage has counted, as told last."""
        return self._signals.pairs

    def hear(self, pairs: Pairs) -> None:
        """Take what a shadow run has counted: one of the signals, where the stage names it."""
        if pairs != self._signals.pairs:
            self._signals.hear(pairs)
            self._said = None

    @property
    def breached(self) -> bool:
        """Tell whether the evidence is enough to take people back; cheap, asked at every event."""
        self._settle()
        if self._signals.evidence < ROLL_BACK_AT or self.problem() or self._roster.problem():
            return False
        return self._signals.enough_sessions and (not self._confirm_two_days or self._signals.confirmed)

    @property
    def last_seen(self) -> datetime | None:
        self._settle()
        return self._last_seen[0] if self._last_seen else None

    @property
    def limits(self) -> Limits:
        return self._ground.limits

    def silent_sides(self, working: Callable[[datetime, datetime], timedelta], now: datetime) -> str:
        """Say whose telemetry has stalled (see `roster`); `working` gives the working time between two moments."""
        return self._roster.silent(self._ground.usual, working, self._since, now)

    def could_catch(self, days: int) -> str:
        """Say what this stage could and could not catch at the traffic before it, in `days` working days."""
        rate = self._signals.lead.baseline_rate
        return self._ground.could_catch(self._comparison, self._who, rate, days=days)

    def effect(self) -> Effect | None:
        """How many times as often exposed people err; None where teams are not compared."""
        return self._signals.lead.effect()

    def problem(self) -> str:
        """Say why nothing is taken back automatically; empty when a comparison is possible."""
        return self._ground.why_no_group(self._comparison, self._who, self._signals.lead.pre_sessions)

    def reading(self, *, points_of_harm: float = 0.02) -> Reading:
        """Return what the watch says now."""
        self._settle()
        key = (self._last_seen, points_of_harm)
        if self._said is None or self._said[0] != key:
            self._said = key, self._read(points_of_harm)
        return self._said[1]

    def _read(self, points_of_harm: float) -> Reading:
        signals, lead = self._signals, self._signals.lead
        safe = lead.rule.safe(baseline=lead.baseline_rate, tasks=self._exposed_tasks, harm=points_of_harm)
        return Reading(
            comparison=self._comparison.kind,
            evidence=signals.evidence,
            exposed_sessions=lead.rule.exposed_sessions,
            expected_sessions=lead.rule.expected_sessions,
            exposed_tasks=self._exposed_tasks,
            most_sessions=signals.most_sessions,
            safe=safe.safe,
            probability_safe=safe.probability,
            limit=safe.limit,
            effect=safe.effect,
            effect_low=safe.low,
            effect_high=safe.high,
            problem=self.problem(),
            roster=self._roster.problem(),
            own_evidence=signals.loudest_alone,
            own_sessions=lead.own_sessions,
            own_expected=lead.own_expected_so_far,
            without_best_day=signals.without_best_day(),
            confirmed=signals.confirmed,
            signals=tuple(signals.readings(unlimited=self._ground.unlimited)),
        )

    def _begin(self) -> None:
        self._said = None
        self._signals.begin_stage()
        self._symptoms = Symptoms(self._zone, self._signals.measured, self._ground.limits)
        self._roster = RosterWatch(self._comparison, self._who.share_on)
        self._exposed_tasks = 0
        self._today, self._last_seen = None, None
        self._people, self._active_others = {}, set()

    def _count(self, seen: Seen) -> None:
        self._last_seen = seen.time, seen.id
        day = self._days.of(seen.time)
        on = self._who.is_on(seen.actor, day, self._comparison)
        compared = self._who.is_compared(seen.actor, self._comparison)
        exposed = seen.actor in self._who.exposed
        self._roster.take(
            seen, on=on, exposed=exposed, compared=compared, since=self._since, new_path=NEW_PATH
        )
        if seen.event == EVALUATED or not compared or not _is_on_its_path(seen, on):
            return
        for happened in self._symptoms.take(seen):
            then = self._days.of(happened.at)
            self._turn_to(then)
            ours = self._who.is_on(happened.person, then, self._comparison)
            self._signals.happened(happened.signal, happened.person, on=ours)
            self._judge()
        self._turn_to(day)
        if self._symptoms.begins_a_task(seen):
            self._count_task(seen, on)
        self._judge()

    def _turn_to(self, day: date) -> None:
        if day != self._today:
            self._today = day
            self._active_others = set()
            self._signals.begin_day()

    def _count_task(self, seen: Seen, on: bool) -> None:
        self._people.setdefault(seen.actor, on)
        self._exposed_tasks += on
        if not on:
            self._active_others.add(seen.actor)
        self._signals.task(seen.actor, seen.kind, on)

    def _judge(self) -> None:
        """Compare sessions only while enough unexposed people are at work; until then they wait."""
        for signal, tracker in self._signals.waiting():
            if self._today is not None and self._can_compare(tracker):
                today, on = self._today, sum(self._people.values())
                sides = {p: self._who.is_on(p, today, self._comparison) for p in tracker.waiting}
                self._signals.compare(signal, today, sides, people=(on, len(self._people) - on))

    def _can_compare(self, tracker: Tracker) -> bool:
        if self._comparison.kind is Compares.TEAMS:
            return len(self._active_others) >= MIN_UNEXPOSED_PEOPLE and tracker.ours > 0
        if self._comparison.kind is Compares.RANDOMISED:
            return 0 < sum(self._people.values()) < len(self._people)
        return True

    def _settle(self) -> None:
        """Count the stage again when something came late: once, however much did."""
        if self._late or not self._is_whole:
            earlier = self._earlier() if self._earlier else ()
            late = sorted(self._late, key=place_of)
            self.recount(merge(earlier, self._rows, late, key=place_of))

    def state(self) -> dict[str, Any]:
        """Return everything that a restart needs to go on, as plain JSON: small, as rules keep diaries."""
        self._settle()
        counters = {name: frozen(getattr(self, name)) for name in _COUNTERS}
        return {"counters": counters, "signals": self._signals.state()}

    def restore(self, state: Mapping[str, Any], earlier: Callable[[], Iterable[Seen]]) -> None:
        """Go on from a state. `earlier` reads the stage's stored events, should one come late after all."""
        for name, value in state["counters"].items():
            setattr(self, name, thawed(value))
        self._signals.restore(state["signals"])
        self._rows, self._late, self._is_whole = Folded(), [], True
        self._earlier, self._said = earlier, None


def _is_on_its_path(seen: Seen, on: bool) -> bool:
    """A person's report counts wherever it was made; work only on the path that the person was given."""
    return seen.event == REPORTED or seen.path == (NEW_PATH if on else OLD_PATH)
