"""What a stage's guardrail could and could not catch at its traffic, in a sentence for the stage's page."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from companyos.adoption.telemetry.domain.comparison import Compares, Comparison
from companyos.kernel.stats.guardrail_power import Traffic, what_is_caught
from companyos.kernel.stats.ratio_evidence import errors_to_find

_RISES = (3.0, 10.0)


@dataclass(frozen=True, slots=True)
class Usual:
    """What people did before the stage, on a usual day."""

    exposed_people: int
    exposed_tasks_a_day: float
    other_tasks_a_day: float
    error_rate: float  # error sessions per task, as a share
    days_before: int


def what_could_be_caught(comparison: Comparison, usual: Usual, *, days: int) -> str:
    """Say it for a stage of `days` working days. Rises are multiples of the error rate before."""
    if comparison.kind is Compares.NONE:
        return "nothing is taken back automatically: against their own weeks alone people are held and paged"
    if usual.exposed_tasks_a_day <= 0 or not 0 < usual.error_rate < 1:
        return "people watch this stage: without days before, nothing is known of its traffic"
    if comparison.kind is Compares.TEAMS:
        traffic = Traffic(
            usual.exposed_people,
            usual.exposed_tasks_a_day,
            usual.other_tasks_a_day,
            usual.error_rate,
            float(usual.days_before),
        )
        return what_is_caught(traffic, days=days)
    return "; ".join(_found_after(comparison, usual, rise, days) for rise in _RISES)


def _found_after(comparison: Comparison, usual: Usual, rise: float, days: int) -> str:
    """Half of the stages with such a rise are found within about so many days: errors needed over errors a day."""
    share = comparison.share or 0.5
    a_day = usual.exposed_tasks_a_day * usual.error_rate
    if comparison.kind is Compares.RANDOMISED:  # only a person's first error counts, on both sides
        a_day = a_day * rise + usual.other_tasks_a_day * usual.error_rate
    else:  # the exposed people's days are on or off
        a_day *= share * rise + 1 - share
    needs = errors_to_find(rise, share) / a_day if a_day else inf
    what = f"errors rising x{rise:g} are found in about {max(1, round(needs))} of {days} days"
    return what if needs <= days else f"errors rising x{rise:g} are mostly not found in {days} days"
