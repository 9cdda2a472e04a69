"""The work of one world: what each team does and how it errs, day by day; a seed gives the same world."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp
from random import Random

from companyos.adoption.rollouts.foretelling.sources import Ground, TeamWork, slower_than
from companyos.adoption.rollouts.foretelling.watch import PRE_DAYS, Done

PRESENT = 0.9
VOLUME_SPREAD = 0.15  # sd of the log of a week's volume
TEAM_SPREAD = 0.3  # sd of the log of a team's error rate
DAY_SPREAD = 0.25  # sd of the log of a day's error rate
INCIDENT_SHARE = 0.03  # of days
INCIDENT_TIMES = 2.0, 5.0
WEEK = 5


@dataclass(slots=True)
class NewDay:
    """What everybody who is on did on the new path on one day."""

    tasks: int = 0
    failed: int = 0
    given_up: int = 0
    slow: dict[float, int] = field(default_factory=dict)
    violations: int = 0
    by_team: dict[str, Done] = field(default_factory=dict)


class Work:
    """Draws days. Teams differ, weeks differ, and now and then an incident hits everybody."""

    def __init__(self, source: Ground, random: Random) -> None:
        self._source, self._random = source, random
        self._times = {team: exp(random.gauss(0, TEAM_SPREAD)) for team in {t.slug for t in source.teams}}
        self._week, self._volume, self._weather = -1, 1.0, 1.0

    def before(self) -> list[dict[str, Done]]:
        """Draw the weeks before the plan, when nobody is on."""
        days = []
        for day in range(-PRE_DAYS, 0):
            self.opens(day)
            days.append(self.existing(frozenset()))
        return days

    def opens(self, day: int) -> None:
        """Begin a working day: a new week has its own volume, a day its own weather."""
        if day // WEEK != self._week:
            self._week, self._volume = day // WEEK, exp(self._random.gauss(0, VOLUME_SPREAD))
        self._weather = exp(self._random.gauss(0, DAY_SPREAD))
        if self._random.random() < INCIDENT_SHARE:
            self._weather *= self._random.uniform(*INCIDENT_TIMES)

    def existing(self, on: frozenset[TeamWork]) -> dict[str, Done]:
        """Draw what those who are not on do on the existing path, by team."""
        found: dict[str, Done] = {}
        for team in self._source.teams:
            if team not in on:
                tasks = self._tasks(team, 1.0)
                rate = team.error_rate * self._times[team.slug] * self._weather
                before = found.get(team.slug, Done(0, 0))
                found[team.slug] = Done(before.tasks + tasks, before.errors + self._bad(tasks, rate))
        return found

    def new(self, on: dict[TeamWork, int], *, day: int, harm: float, struck: frozenset[TeamWork]) -> NewDay:
        """Draw the new path: `on` says since which day each team is on; `harm` adds failures to those struck."""
        source, path, found = self._source, self._source.new_path, NewDay()
        limits = (1500.0, 4000.0)
        for team, since in on.items():
            tasks = self._tasks(team, source.ramp[min(len(source.ramp) - 1, max(0, day - since))])
            rate = path.failure * self._times[team.slug] * self._weather + (harm if team in struck else 0.0)
            failed = self._bad(tasks, rate)
            before = found.by_team.get(team.slug, Done(0, 0))
            found.by_team[team.slug] = Done(before.tasks + tasks, before.errors + failed)
            found.tasks, found.failed = found.tasks + tasks, found.failed + failed
            found.given_up += self._bad(tasks, path.abandonment)
            found.violations += self._bad(tasks, source.violations)
        found.slow = {limit: self._bad(found.tasks, slower_than(path, limit)) for limit in limits}
        return found

    def _tasks(self, team: TeamWork, share: float) -> int:
        return poisson(team.tasks_a_day * share * self._volume * PRESENT, self._random)

    def _bad(self, n: int, share: float) -> int:
        return min(n, poisson(n * min(1.0, share), self._random))


def poisson(mean: float, random: Random) -> int:
    """Draw a Poisson count; from 50 on as a normal one."""
    if mean > 50:
        return max(0, round(random.gauss(mean, mean**0.5)))
    count, product, limit = 0, random.random(), exp(-mean)
    while product > limit:
        count, product = count + 1, product * random.random()
    return count
