"""A fault that lies between people's work and the controller, and not in the feature.

Events are lost or late, people are where no plan put them, or the controller dies with its decision written and nothing
sent. None of it is harm: a rollout that believed such figures would be wrong, so it holds, and says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from companyos.adoption.rollouts.rehearsal.cases import UNIFIED
from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.events import Event
from companyos.adoption.rollouts.rehearsal.fault import Regression
from companyos.adoption.rollouts.rehearsal.order import FaultKind

STRANGERS_EVERY = 7  # every seventh person gets the new path, whatever the flag says


class Line:
    """Every event passes here on its way to the server, and every path on its way to the person."""

    def __init__(self, fault: Regression, people: Sequence[Person]) -> None:
        self._fault = fault
        self._team_of = {person.slug: person.team for person in people}
        self._strangers = frozenset(person.slug for person in people[::STRANGERS_EVERY])
        self._late: list[Event] = []
        self._counts: Counter[str] = Counter()

    def path_taken(self, person: Person, path: str) -> str:
        """Return the path a person really takes, given the one that the flag says."""
        astray = self._fault.kind is FaultKind.WRONG_ROSTER and person.slug in self._strangers
        if not astray or path == UNIFIED:
            return path
        self._counts["cases_astray"] += 1
        return UNIFIED

    def lets_through(self, events: list[Event], now: datetime) -> list[Event]:
        """Return what reaches the server of a slice's events, and of those that were late until `now`."""
        kind = self._fault.kind
        if kind not in {FaultKind.TELEMETRY_LOSS, FaultKind.LATE_DATA}:
            return events
        struck, heard = list[Event](), list[Event]()
        for event in events:
            team = self._team_of.get(event.actor, "")
            (struck if self._fault.struck_team(team) else heard).append(event)
        if kind is FaultKind.TELEMETRY_LOSS:
            self._counts["events_lost"] += len(struck)
            return heard
        self._late += struck
        self._counts["events_late"] += len(struck)
        if self._fault.a_day_is_over(now):
            self._fault.lift(now)
            heard, self._late = [*self._late, *heard], []
        return heard

    def as_used(self) -> dict[str, int]:
        """For the report: how much was lost, late or astray."""
        return dict(self._counts)


def fault_told(fault: Regression, line: Line) -> dict[str, Any] | None:
    """What was planted, for the report; nothing without a fault."""
    told = fault.as_used()
    return {**told, **line.as_used()} if told else None
