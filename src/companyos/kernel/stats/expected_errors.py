"""How many error sessions to expect of people, going by their team's days before exposure.

Team rates suffice: nothing about one person's errors is kept. A pre-period day is judged by rates fitted
without its own week, or the rule would see teams agree with themselves.
"""

from __future__ import annotations

from math import expm1, log

_LEAST_EXPECTED = 1e-6


def overall_rate(sessions: int, weighted_tasks: float) -> float:
    """Return error sessions per weighted task over all teams, kept above zero."""
    return (sessions + 0.5) / (weighted_tasks + 1.0)


def team_rate(sessions: int, weighted_tasks: float, overall: float) -> float:
    """Return one team's error sessions per weighted task, drawn to the overall rate by two sessions' worth.

    A task of a kind weighs that kind's error rate over the mean rate, so that a change of mix is not a change
    of rate.
    """
    return (sessions + 2.0) / (weighted_tasks + 2.0 / overall)


def expected_of_person_day(weighted_tasks: float, rate: float) -> float:
    """Return the chance that a person's day of so many weighted tasks has an error session."""
    return -expm1(-weighted_tasks * rate)


def log_offset(exposed: float, unexposed: float) -> float:
    """Return the log of expected errors of exposed over unexposed people who are active today."""
    return log(max(exposed, _LEAST_EXPECTED) / max(unexposed, _LEAST_EXPECTED))
