"""How actionable a team's reports are (R104). Reports are counted, people never shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stand(StrEnum):
    """What those who own a feature have said of a report."""

    WAITS = "waits"
    ACCEPTED = "accepted"  # or fixed
    DECLINED = "declined"


class Counts(StrEnum):
    """What a report adds to the score."""

    ACTIONABLE = "actionable"  # accepted or fixed, and it says how to see the same
    SAYS_NOT_HOW = "says_not_how"  # accepted, but nobody can do the same from what it says
    WAITS = "waits"
    DECLINED = "declined"
    DUPLICATE = "duplicate"  # this and what follows is left out
    OWN_SQUAD = "own_squad"
    OVER_THE_CAP = "over_the_cap"


LEFT_OUT = frozenset({Counts.DUPLICATE, Counts.OWN_SQUAD, Counts.OVER_THE_CAP})


@dataclass(frozen=True, slots=True)
class Report:
    """One report of a team on a feature. `own_squad`: it went to, or was settled by, the reporter's own team."""

    label: str  # as corporate-12
    person: str
    opened_at: datetime
    stand: Stand
    says_how: bool
    is_duplicate: bool = False
    own_squad: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """`reports` has each by its label and what it counts as; `people` says how many the counted ones are from."""

    reports: tuple[tuple[str, Counts], ...] = ()
    people: int = 0

    def n(self, *what: Counts) -> int:
        return sum(counts in what for _, counts in self.reports)

    @property
    def counted(self) -> int:
        return sum(counts not in LEFT_OUT for _, counts in self.reports)

    @property
    def actionable(self) -> int:
        return self.n(Counts.ACTIONABLE)

    @property
    def share(self) -> float | None:
        """The score: of the reports that count, those that are actionable. One that waits is not, until it is taken."""
        return self.actionable / self.counted if self.counted else None


def score_of(reports: Iterable[Report], *, most_of_one: int) -> Score:
    """Count reports, the oldest first: of one person's so many, whatever the later ones are."""
    taken: Counter[str] = Counter()
    found = []
    for report in sorted(reports, key=lambda each: (each.opened_at, each.label)):
        counts = _counts(report, is_over=taken[report.person] >= most_of_one)
        taken[report.person] += counts not in LEFT_OUT
        found.append((report.label, counts))
    return Score(tuple(found), sum(n > 0 for n in taken.values()))


def _counts(report: Report, *, is_over: bool) -> Counts:
    if report.is_duplicate:
        return Counts.DUPLICATE
    if report.own_squad:
        return Counts.OWN_SQUAD
    if is_over:
        return Counts.OVER_THE_CAP
    if report.stand is Stand.ACCEPTED:
        return Counts.ACTIONABLE if report.says_how else Counts.SAYS_NOT_HOW
    return Counts(str(report.stand))
