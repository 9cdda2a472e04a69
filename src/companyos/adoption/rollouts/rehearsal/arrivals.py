"""When cases begin: a log's by rank over the plan's five weeks, else sampled at the same daily volume."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from companyos.adoption.rollouts.rehearsal.courses import Course
from companyos.adoption.rollouts.rehearsal.dice import Dice
from companyos.adoption.rollouts.rehearsal.profile import Profile

PLAN_WORKING_DAYS = 25


@dataclass(frozen=True, slots=True)
class Arrival:
    """A case about to begin. `at_ms` is in epoch milliseconds."""

    at_ms: int
    case: str
    course: Course
    from_log: bool


class Arrivals:
    """Deals out cases day by day. A day of the log is dealt once, whatever lies between two of them."""

    def __init__(
        self,
        replayed: tuple[Course, ...],
        profile: Profile,
        *,
        size: int,
        hours: tuple[time, time],
        zone: ZoneInfo,
        dice: Dice,
    ) -> None:
        if size < 1:
            raise ValueError("a rehearsal needs at least one case")
        self._replayed = replayed
        self._profile = profile
        self._size = size
        self._hours = hours
        self._zone = zone
        self._dice = dice
        self._log_days = 0
        self._sampled_days = 0

    @property
    def log_is_left(self) -> bool:
        return bool(self._replayed) and self._log_days < PLAN_WORKING_DAYS

    def of_the_log(self, day: date) -> list[Arrival]:
        """The next twenty-fifth of the log, spread by rank over the working hours of `day`."""
        first, beyond = _share(len(self._replayed), self._log_days)
        per_day = len(self._replayed) / PLAN_WORKING_DAYS
        before = self._log_days * per_day
        self._log_days += 1
        return [
            Arrival(
                self._moment(day, (rank + 0.5 - before) / per_day),
                f"log-{rank + 1:06d}",
                self._replayed[rank],
                from_log=True,
            )
            for rank in range(first, beyond)
        ]

    def sampled(self, day: date) -> list[Arrival]:
        """A day's cases drawn from the profile, at moments drawn evenly from the working hours of `day`."""
        first, beyond = _share(self._size, self._sampled_days)
        self._sampled_days += 1
        names = [f"day-{day.isoformat()}-{n:05d}" for n in range(beyond - first)]
        moments = sorted(self._moment(day, self._dice.one(name, "arrival")) for name in names)
        return [
            Arrival(moment, name, self._profile.sample(self._dice, name), from_log=False)
            for moment, name in zip(moments, names, strict=True)
        ]

    def _moment(self, day: date, share: float) -> int:
        opens, closes = (datetime.combine(day, hour, self._zone).timestamp() for hour in self._hours)
        share = min(max(share, 0.0), 1.0)
        return min(int((opens + share * (closes - opens)) * 1000), int(closes * 1000) - 1)


def _share(total: int, day: int) -> tuple[int, int]:
    """The ranks of a day, such that 25 days hold each rank once: a rank lies where its middle falls."""
    return _ranks_before(total, day), _ranks_before(total, day + 1)


def _ranks_before(total: int, day: int) -> int:
    return (2 * total * day + PLAN_WORKING_DAYS) // (2 * PLAN_WORKING_DAYS)
