"""Whether people are where the plan put them; when not, every comparison is void and decisions wait.

Drawn at random: the sequential test of the sample ratio (Lindon and Malek 2020), safe to look at after every person.
Whole teams: nothing was drawn, so the roster is checked instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf, isclose, log

MISMATCH_AT = 100.0
"""Evidence of a mismatch that suspends decisions: a false one in at most 1 of 100 rollouts."""

MOST_OUTSIDE = 0.02
_PRIOR_WEIGHT = 100.0  # in people: how firmly the test expects a mismatch to be slight


class SampleRatio:
    """Evidence that people are not drawn in the shares of the plan: a Dirichlet-multinomial Bayes factor."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        """`shares` are the planned shares by variant; each above 0, together 1, or ValueError."""
        if len(shares) < 2 or min(shares.values()) <= 0 or not isclose(sum(shares.values()), 1, abs_tol=1e-9):
            raise ValueError(f"shares must be two or more, each above 0, together 1; got {dict(shares)}")
        self._shares = dict(shares)
        self.people = dict.fromkeys(shares, 0)
        self._log_evidence = 0.0

    def take(self, variant: str) -> float:
        """Count one newly drawn person and return the evidence.

        The next person is predicted by those before; each step multiplies predicted over planned. Raises
        ValueError, and changes nothing, for a variant that the plan does not have.
        """
        if variant not in self._shares:
            raise ValueError(f"nobody was to be drawn to {variant!r}; nothing was counted")
        share, before = self._shares[variant], sum(self.people.values())
        predicted = (_PRIOR_WEIGHT * share + self.people[variant]) / (_PRIOR_WEIGHT + before)
        self._log_evidence += log(predicted / share)
        self.people[variant] += 1
        return self.evidence

    @property
    def evidence(self) -> float:
        return exp(self._log_evidence) if self._log_evidence < 700 else inf

    @property
    def mismatched(self) -> bool:
        """Tell whether decisions are suspended."""
        return self.evidence >= MISMATCH_AT


@dataclass(frozen=True, slots=True)
class Roster:
    """Who did what on the new path of a stage of whole teams."""

    exposed_tasks: int  # tasks begun on the new path
    outside_tasks: int  # of those, by people who are not of the cohort
    cohort_seen_off: int  # people of the cohort who were served the old path

    def problem(self) -> str:
        """Say why decisions are suspended; empty when the roster is right."""
        if self.exposed_tasks and self.outside_tasks > MOST_OUTSIDE * self.exposed_tasks:
            share = self.outside_tasks / self.exposed_tasks
            return (
                f"{self.outside_tasks} of {self.exposed_tasks} tasks ({share:.1%}) on the new path are by people"
                f" outside the cohort; {MOST_OUTSIDE:.0%} are allowed"
            )
        if self.cohort_seen_off:
            return f"{self.cohort_seen_off} people of the cohort were served the old path"
        return ""
