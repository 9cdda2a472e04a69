"""Which teams went first with a risky feature (R106)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

RISKY = "high"  # as taken in (P7)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pilot gets: so much more weight for so long. Teams that come within `together` come together."""

    places: int = 3
    percent: int = 25
    lasts: timedelta = timedelta(days=90)
    together: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a third member of a team met the feature: from then on the team has it."""

    team: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pilot:
    team: str
    at: datetime
    place: int
    because: str


def pilots(arrivals: Iterable[Arrival], *, teams: int, terms: Terms) -> tuple[Pilot, ...]:
    """Return who went first: the first places, as long as at most half of the teams were on by then.

    Whoever gets a feature with everybody else has piloted nothing.
    """
    found: list[Pilot] = []
    for group in _together(sorted(arrivals, key=lambda each: (each.at, each.team)), terms.together):
        place = len(found) + 1
        on = len(found) + len(group)
        if place > terms.places or 2 * on > teams:
            break
        found += [
            Pilot(each.team, each.at, place, f"place {place}; {on} of {teams} teams had it by then")
            for each in group
        ]
    return tuple(found)


def _together(arrivals: list[Arrival], within: timedelta) -> list[list[Arrival]]:
    groups: list[list[Arrival]] = []
    for each in arrivals:
        if groups and each.at - groups[-1][0].at < within:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups
