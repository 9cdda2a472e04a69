"""Whether people are where the plan put them, and whether their telemetry still comes; else decisions wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from companyos.adoption.telemetry.domain.comparison import Compares, Comparison
from companyos.adoption.telemetry.domain.symptoms import EVALUATED, STARTED, Seen
from companyos.kernel.frozen_state import keeps
from companyos.kernel.stats.srm import Roster, SampleRatio

SPREADS_WITHIN = timedelta(minutes=15)  # after a stage begins, who is still served the old path is no fault
TASKS_MISSED = 20.0  # as many tasks that should have come and did not, and telemetry has stalled
_LEAST_SILENCE = timedelta(hours=1)
_WORKING_DAY = timedelta(hours=8)
_OFF = "off"

Working = Callable[[datetime, datetime], timedelta]


@keeps
class RosterWatch:
    """Counts who did what on which path. Whole teams have a roster, drawn people a sample ratio (SRM)."""

    def __init__(self, comparison: Comparison, share_on: float | None) -> None:
        """`share_on` is which part of the people compared was drawn."""
        self._compares = comparison.kind
        self._exposed_tasks = self._outside_tasks = 0
        self._served: dict[str, str] = {}  # person of the cohort -> variant last served
        self._latest: dict[str, datetime] = {}  # side -> when it last began a task
        self._shares = (
            {"on": share_on, "off": 1 - share_on}
            if comparison.kind is Compares.RANDOMISED and share_on is not None
            else {}
        )
        self._drawn: dict[str, str] = {}  # person -> side, in the order they were met

    def take(
        self, seen: Seen, *, on: bool, exposed: bool, compared: bool, since: datetime, new_path: str
    ) -> None:
        if seen.event == EVALUATED:
            if exposed and self._compares is not Compares.SWITCHBACK and seen.time >= since + SPREADS_WITHIN:
                self._served[seen.actor] = seen.path
            return
        if seen.event != STARTED:
            return
        new = seen.path == new_path
        self._exposed_tasks += new
        self._outside_tasks += new and not on
        if not compared:
            return
        self._latest["on" if on else "off"] = seen.time
        if self._shares:
            self._drawn.setdefault(seen.actor, "on" if new else "off")

    def problem(self) -> str:
        """Say why decisions are suspended; empty when people are where they should be."""
        seen_off = sum(variant == _OFF for variant in self._served.values())
        return Roster(self._exposed_tasks, self._outside_tasks, seen_off).problem() or self._mismatch()

    def silent(self, usual: tuple[float, float], working: Working, since: datetime, now: datetime) -> str:
        """Say whose telemetry has stalled: as many tasks should have come as make silence no accident.

        `usual` is how many tasks the exposed and the others begin on a day; `working` gives the working time
        between two moments.
        """
        for side, tasks_a_day, who in (("on", usual[0], "exposed"), ("off", usual[1], "unexposed")):
            silence = working(self._latest.get(side, since), now)
            missed = tasks_a_day * (silence / _WORKING_DAY)
            if silence >= _LEAST_SILENCE and missed >= TASKS_MISSED:
                hours = silence / timedelta(hours=1)
                return (
                    f"nothing was heard of the {who} people for {hours:.1f} working hours, in which about"
                    f" {missed:.0f} tasks are usual: telemetry is lost or has stalled"
                )
        return ""

    def _mismatch(self) -> str:
        if not self._shares or not self._drawn:
            return ""
        ratio = SampleRatio(self._shares)
        for side in self._drawn.values():
            ratio.take(side)
        if not ratio.mismatched:
            return ""
        planned = f"{self._shares['on']:.0%}"
        return (
            f"{ratio.people['on']} of {len(self._drawn)} people are on where {planned} of those compared were drawn"
            f" (evidence of a mismatch {ratio.evidence:.0f} to 1)"
        )
