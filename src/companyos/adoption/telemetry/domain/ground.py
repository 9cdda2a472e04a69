"""What is known before a stage: its traffic, its limits, and whether that is ground enough for a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from companyos.adoption.telemetry.domain.catches import Usual, what_could_be_caught
from companyos.adoption.telemetry.domain.comparison import Compares, Comparison
from companyos.adoption.telemetry.domain.day_book import Day, DayBook, mean_tasks_a_day
from companyos.adoption.telemetry.domain.people import Who
from companyos.adoption.telemetry.domain.rules import enough_people
from companyos.adoption.telemetry.domain.symptoms import Limits
from companyos.kernel.frozen_state import keeps
from companyos.kernel.stats.did_split import MIN_PRE_DAYS, MIN_PRE_SESSIONS, MIN_UNEXPOSED_PEOPLE
from companyos.kernel.stats.merge import Signal

PRE_DAYS = 20
_LOOKS_BACK = timedelta(days=28)


@keeps
@dataclass(frozen=True, slots=True)
class Ground:
    """The weeks before a stage, as they were when it began."""

    limits: Limits
    unlimited: str  # why nobody knows what is slow; empty: it is known
    days: int
    usual: tuple[float, float]  # tasks that the exposed and the others begin on a day
    first_exposed_on: date
    errors_defined_on: date  # since when errors are counted as they are now

    def why_no_group(self, comparison: Comparison, who: Who, sessions: int) -> str:
        """Say why nothing is taken back automatically; empty when a comparison is possible.

        `sessions` are those of the stage's first signal in the days before.
        """
        if comparison.kind is Compares.NONE:
            return "no comparison group: the plan compares this stage with nobody"
        if comparison.kind is Compares.RANDOMISED:
            return enough_people(len(who.exposed))
        if comparison.kind is Compares.SWITCHBACK:
            return ""
        if len(who.others) < MIN_UNEXPOSED_PEOPLE:
            return "no comparison group: nearly everybody is on"
        if self.days < MIN_PRE_DAYS:
            return f"no comparison group: {self.days} days {self._since()}, {MIN_PRE_DAYS} are needed"
        if sessions < MIN_PRE_SESSIONS:
            return f"no comparison group: {sessions} errors {self._since()}, {MIN_PRE_SESSIONS} are needed"
        return ""

    def could_catch(self, comparison: Comparison, who: Who, rate: float, *, days: int) -> str:
        """Say what the stage could catch at this traffic in `days` working days; `rate` is its error share before."""
        usual = Usual(len(who.exposed), *self.usual, rate, self.days)
        return what_could_be_caught(comparison, usual, days=days)

    def _since(self) -> str:
        if self.errors_defined_on > self.first_exposed_on - _LOOKS_BACK:
            day = f"{self.errors_defined_on:%d %b}"
            return f"since errors are counted as now ({day}): the weeks before say nothing"
        return "before exposure"


def look_back(
    book: DayBook, who: Who, comparison: Comparison, *, first_exposed_on: date, errors_defined_on: date
) -> tuple[Ground, Mapping[date, Day]]:
    """Fix the limits and count the days before exposure."""
    limits, unlimited = _limits_of(book, comparison, first_exposed_on)
    days = book.before(
        first_exposed_on, most=PRE_DAYS, limits=limits, signals=comparison.signals, since=errors_defined_on
    )
    usual = mean_tasks_a_day(days.values(), who.exposed), mean_tasks_a_day(days.values(), who.others)
    return Ground(limits, unlimited, len(days), usual, first_exposed_on, errors_defined_on), days


def _limits_of(book: DayBook, comparison: Comparison, first_exposed_on: date) -> tuple[Limits, str]:
    """Fix what is slow before the stage starts: a limit that moves with the fault would not find it."""
    said, hours = comparison.slow_after_ms, timedelta(hours=comparison.abandoned_after_hours)
    if said is not None or Signal.LATENCY not in comparison.signals:
        return Limits(said, hours), ""
    try:
        return Limits(book.slow_limit_before(first_exposed_on), hours), ""
    except ValueError as problem:
        return Limits(None, hours), f"no limit for slow answers: {problem}"
