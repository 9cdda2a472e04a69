"""What the next cohort's stage will bring: its own weeks before, times what the feature did to the present cohort.

Never the present cohort scaled up: teams differ more than features do. A draw is a whole stage, day by day, so that the
gates that will judge the real one judge it too. Pure; a seed gives the same forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp
from random import Random

from companyos.kernel.stats.effect import Effect
from companyos.kernel.stats.interval import Interval, check_confidence

VOLUME_SPREAD = 0.15  # sd of the log of a week's volume
RATE_SPREAD = 0.25  # sd of the log of a week's error rate
INCIDENT_SHARE = 0.03  # of days
INCIDENT_TIMES = 2.0, 5.0
_DISPERSION = 1.0, 6.0
_LARGEST_MEAN = 30.0


@dataclass(frozen=True, slots=True)
class Day:
    """One working day of a cohort: tasks begun, and how many of them failed (or had an error session)."""

    tasks: int
    errors: int


Stage = tuple[Day, ...]


class Band(StrEnum):
    """How a chance is shown: its second digit is not known."""

    UNLIKELY = "unlikely"
    OPEN = "open"
    LIKELY = "likely"


UNLIKELY_BELOW, LIKELY_FROM = 0.15, 0.7
"""Forecasts are on the gloomy side below 70 %: what is said to be at 30 % comes true about half of the time."""


def band_of(chance: float) -> Band:
    """Return the word for a chance between 0 and 1."""
    if not 0 <= chance <= 1:
        raise ValueError(f"a chance lies between 0 and 1, got {chance}")
    return Band.LIKELY if chance >= LIKELY_FROM else Band.UNLIKELY if chance < UNLIKELY_BELOW else Band.OPEN


@dataclass(frozen=True, slots=True)
class History:
    """A cohort's own weeks before exposure, each the days it worked."""

    weeks: tuple[Stage, ...]

    def __post_init__(self) -> None:
        if len(self.weeks) < 2 or not all(self.weeks) or not self.tasks:
            raise ValueError("a forecast needs at least two weeks with days and tasks before exposure")

    @property
    def tasks(self) -> int:
        return sum(day.tasks for week in self.weeks for day in week)

    @property
    def errors(self) -> int:
        return sum(day.errors for week in self.weeks for day in week)

    @property
    def dispersion(self) -> float:
        """Pearson's dispersion of the weeks' errors, held between 1 and 6."""
        rate = max(self.errors, 0.5) / self.tasks
        misses = [
            (sum(d.errors for d in week) - rate * tasks) ** 2 / (rate * tasks)
            for week in self.weeks
            if (tasks := sum(d.tasks for d in week))
        ]
        low, high = _DISPERSION
        return min(high, max(low, sum(misses) / max(1, len(misses) - 1)))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was measured in each draw, ascending; stored with the outcome when it is known."""

    outcomes: tuple[float, ...]

    def interval(self, confidence: float = 0.8) -> Interval:
        """Return the median with a two-sided interval of `confidence`."""
        check_confidence(confidence)
        miss = (1 - confidence) / 2
        return Interval(self.quantile(0.5), self.quantile(miss), self.quantile(1 - miss))

    def quantile(self, probability: float) -> float:
        rank = ceil(probability * len(self.outcomes) - 1e-9)
        return self.outcomes[min(len(self.outcomes), max(1, rank)) - 1]

    def chance(self, holds: Callable[[float], bool]) -> float:
        """Return the share of draws whose outcome `holds`; show `band_of` it."""
        return sum(map(holds, self.outcomes)) / len(self.outcomes)

    def pit(self, outcome: float, random: Random) -> float:
        """Return where the real outcome fell among the draws, 0 to 1; ties by lot, so a right forecast is uniform."""
        below = sum(each < outcome for each in self.outcomes)
        equal = sum(each == outcome for each in self.outcomes)
        return (below + random.random() * equal) / len(self.outcomes)


def forecast(
    history: History,
    measure: Callable[[Stage], float],
    *,
    days: int,
    seed: int,
    effect: Effect | None = None,
    draws: int = 500,
) -> Forecast:
    """Forecast what `measure` (the real gate, or a count) will say of the cohort's `days` working days.

    `effect` is the feature's error-rate ratio in the cohort before; without one, no effect.
    """
    if days < 1 or draws < 1:
        raise ValueError(f"a forecast needs days and draws, got {days} and {draws}")
    random = Random(seed)  # noqa: S311 - a simulation, not a secret
    return Forecast(tuple(sorted(measure(_drawn(history, effect, days, random)) for _ in range(draws))))


def _drawn(history: History, effect: Effect | None, days: int, random: Random) -> Stage:
    """Draw one stage: whole weeks of the history, with rates and volumes as uncertain as they have been."""
    spread = history.dispersion
    rate = random.gammavariate((history.errors + 0.5) / spread, spread / history.tasks)
    if effect:
        rate *= effect.quantile(max(random.random(), 1e-12))
    stage: list[Day] = []
    while len(stage) < days:
        stage += _drawn_week(random.choice(history.weeks), rate, random)
    return tuple(stage[:days])


def _drawn_week(week: Stage, rate: float, random: Random) -> Stage:
    volume = exp(random.gauss(0, VOLUME_SPREAD))
    rate *= exp(random.gauss(0, RATE_SPREAD))
    return tuple(_drawn_day(day, volume, rate, random) for day in week)


def _drawn_day(day: Day, volume: float, rate: float, random: Random) -> Day:
    if random.random() < INCIDENT_SHARE:
        rate *= random.uniform(*INCIDENT_TIMES)
    tasks = round(day.tasks * volume)
    return Day(tasks, min(tasks, _poisson(tasks * rate, random)))


def _poisson(mean: float, random: Random) -> int:
    """Draw a Poisson count by multiplying uniforms (Knuth); a large mean in parts, whose counts add."""
    parts = max(1, ceil(mean / _LARGEST_MEAN))
    limit = exp(-mean / parts)
    count = 0
    for _ in range(parts):
        product = random.random()
        while product > limit:
            count += 1
            product *= random.random()
    return count


MIN_SCORED = 10
"""Outcomes below which forecasts are "not yet checked" and stay as they are."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The scores (`Forecast.pit`) of this company's past forecasts of one kind."""

    pits: Sequence[float]

    @property
    def checked(self) -> bool:
        return len(self.pits) >= MIN_SCORED

    def __str__(self) -> str:
        if not self.checked:
            return "not yet checked"
        inside = sum(0.1 <= pit <= 0.9 for pit in self.pits)
        return f"{inside} of {len(self.pits)} past outcomes lay in their 80 % interval"

    def interval(self, of: Forecast, confidence: float = 0.8) -> Interval:
        """Return the interval of a new forecast, with its ends moved to where past outcomes really fell."""
        if not self.checked:
            return of.interval(confidence)
        check_confidence(confidence)
        miss = (1 - confidence) / 2
        return Interval(*(of.quantile(self._where_fell(share)) for share in (0.5, miss, 1 - miss)))

    def _where_fell(self, share: float) -> float:
        """Interpolate the quantile of past scores, between 0 and 1 at the ends."""
        points = [0.0, *sorted(self.pits), 1.0]
        at = share * (len(points) - 1)
        left = min(int(at), len(points) - 2)
        return points[left] + (at - left) * (points[left + 1] - points[left])
