"""What is foretold of a stage before its cohort has the feature, and how far such forecasts may be believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.kernel.stats.effect import Effect
from companyos.kernel.stats.forecast import History, Stage, forecast

KEPT = 200  # quantiles of the draws that are stored


def error_sessions(stage: Stage) -> float:
    """Error sessions of the cohort in the stage's planned time."""
    return float(sum(day.errors for day in stage))


MEASURES = {"error-sessions": error_sessions}
TITLES = {"error-sessions": "Error sessions of those who join, in the planned time"}


def foretell(
    history: History, *, measure: str, days: int, seed: int, effect: Effect | None
) -> tuple[float, ...]:
    """Return `KEPT` ascending quantiles of what the stage will bring. KeyError for an unknown measure."""
    drawn = forecast(history, MEASURES[measure], days=days, seed=seed, effect=effect)
    return tuple(drawn.quantile((place + 0.5) / KEPT) for place in range(KEPT))


@dataclass(frozen=True, slots=True)
class Foretold:
    """One stored forecast, as a page shows it."""

    stage: str
    attempt: int
    title: str
    at: datetime
    days: int
    value: float
    low: float
    high: float
    past: str  # how past forecasts of this measure did
    outcome: float | None
    pit: float | None
    ended_early: bool  # the stage was left before its time, so the outcome will never be known

    @property
    def says(self) -> str:
        words = f"{self.value:.0f} ({self.low:.0f} to {self.high:.0f}, 80 %) in {self.days} working days"
        came = "; the stage ended before its time" if self.ended_early else ""
        if self.outcome is not None:
            came = f"; it came to {self.outcome:.0f}"
        return f"{words}, {self.past}{came}"
