"""Is this team a Dogfood Champion of this feature? (R102 to R104)

Ordered rules over one frozen situation; the first with an opinion wins, and says so with the numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from companyos.change.recognition.domain.feedback import Counts, Score

BADGE = "Dogfood Champion"


class Verdict(StrEnum):
    EARNED = "earned"
    NOT_YET = "not_yet"
    MISSED = "missed"  # the time is over, or what is left of it is too short
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True, slots=True)
class Bar:
    """What it takes. Shares are in percent, so that evidence holds whole numbers."""

    days: int = 30
    weeks: int = 4
    active_weeks: int = 3
    active_percent: int = 60
    reports: int = 3
    reporters: int = 2
    reports_of_one: int = 3
    actionable_percent: int = 60
    people: int = 3


@dataclass(frozen=True, slots=True)
class Week:
    """A whole week since the team's first exposure: of those who had met the feature by its end, who did a key task."""

    begins: datetime
    active: int
    exposed: int
    is_over: bool

    def counts(self, bar: Bar) -> bool:
        return self.is_over and self.exposed > 0 and 100 * self.active >= bar.active_percent * self.exposed


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the judgement looks at. `exposed` of the team's `people` have met the feature."""

    people: int
    has_lead: bool
    owns_it: bool
    is_practice: bool  # it works in a sandbox
    exposed: int
    began_at: datetime | None
    weeks: tuple[Week, ...]
    score: Score
    now: datetime
    bar: Bar = Bar()

    @property
    def ends_at(self) -> datetime | None:
        return self.began_at + timedelta(days=self.bar.days) if self.began_at else None

    @property
    def active_weeks(self) -> int:
        return sum(week.counts(self.bar) for week in self.weeks)

    @property
    def weeks_left(self) -> int:
        return self.bar.weeks - sum(week.is_over for week in self.weeks)


@dataclass(frozen=True, slots=True)
class Judged:
    verdict: Verdict
    because: str
    rule: str


Opinion = tuple[Verdict, str] | None


def who_builds_it_is_no_champion_of_it(s: Situation) -> Opinion:
    """The squad that owns a feature proves it; it is not thanked for using it."""
    return (Verdict.NOT_ELIGIBLE, "It owns the feature.") if s.owns_it else None


def practice_is_no_use(s: Situation) -> Opinion:
    """Work in a sandbox is made up, so it is no use of a feature."""
    return (Verdict.NOT_ELIGIBLE, "It works in a sandbox.") if s.is_practice else None


def a_team_has_a_lead_and_three_people(s: Situation) -> Opinion:
    """A team is a unit of the directory with a lead and three people at least (P2)."""
    if s.has_lead and s.people >= s.bar.people:
        return None
    lead = "" if s.has_lead else " and no lead"
    return (
        Verdict.NOT_ELIGIBLE,
        f"It has {_n(s.people, 'person', 'people')}{lead}; needs {s.bar.people} and a lead.",
    )


def three_people_have_met_it(s: Situation) -> Opinion:
    """It begins with the first of the team who meets the feature switched on; judged is a team of three at least."""
    if s.exposed >= s.bar.people:
        return None
    return (
        Verdict.NOT_YET,
        f"{s.exposed} of its {s.people} people have met the feature; needs {s.bar.people}.",
    )


def too_few_weeks_are_left(s: Situation) -> Opinion:
    """In so many of the first whole weeks, so large a share of those who have met it does a key task (R103)."""
    if s.active_weeks + s.weeks_left >= s.bar.active_weeks:
        return None
    return Verdict.MISSED, f"{_use(s)} and {_n(s.weeks_left, 'week', 'weeks')} left."


def the_thirty_days_are_waited_for(s: Situation) -> Opinion:
    """It is judged once the time is over: all of it counts, also what comes late."""
    if s.ends_at is None or s.now >= s.ends_at:
        return None
    return Verdict.NOT_YET, f"{_use(s)}; {_feedback(s)}. Judged on {s.ends_at:%d %b %Y}."


def reports_come_from_several_people(s: Situation) -> Opinion:
    """One person's diligence is no team's: the reports that count are from two people at least."""
    if s.score.people >= s.bar.reporters:
        return None
    said = f"Reports of {_n(s.score.people, 'person', 'people')} count; needs {s.bar.reporters}"
    return Verdict.MISSED, f"{_use(s)}; {_feedback(s)}. {said}."


def there_are_enough_reports(s: Situation) -> Opinion:
    """A share of next to nothing says nothing: so many reports count, at the least."""
    return None if s.score.counted >= s.bar.reports else (Verdict.MISSED, f"{_use(s)}; {_feedback(s)}.")


def feedback_can_be_acted_on(s: Situation) -> Opinion:
    """So many of them are accepted or fixed, and say how to see the same (R104). One that waits may still be."""
    if _reaches(s.score.actionable, s):
        return None
    waits = s.score.n(Counts.WAITS)
    if waits and _reaches(s.score.actionable + waits, s):
        return (
            Verdict.NOT_YET,
            f"{_use(s)}; {_feedback(s)}; {_n(waits, 'report waits', 'reports wait')} for triage.",
        )
    return Verdict.MISSED, f"{_use(s)}; {_feedback(s)}."


def use_and_feedback_make_a_champion(s: Situation) -> Opinion:
    """A team that used a feature from the start, and whose reports helped, is its champion (R102)."""
    return Verdict.EARNED, f"{_use(s)}; {_feedback(s)}."


RULES: tuple[Callable[[Situation], Opinion], ...] = (
    who_builds_it_is_no_champion_of_it,
    practice_is_no_use,
    a_team_has_a_lead_and_three_people,
    three_people_have_met_it,
    too_few_weeks_are_left,
    the_thirty_days_are_waited_for,
    reports_come_from_several_people,
    there_are_enough_reports,
    feedback_can_be_acted_on,
    use_and_feedback_make_a_champion,
)


def judge(s: Situation) -> Judged:
    """Say whether a team is champion, by which rule, with the numbers."""
    for rule in RULES:
        if opinion := rule(s):
            return Judged(*opinion, rule.__name__)
    raise AssertionError("the last rule always has an opinion")


def evidence_of(s: Situation) -> dict[str, Any]:
    """Return what was looked at as a document to keep: counts, windows and labels of cases, and nobody's name."""
    return {
        "badge": BADGE,
        "bar": asdict(s.bar),
        "judged_at": s.now.isoformat(),
        "window": {
            "from": s.began_at.isoformat() if s.began_at else "",
            "until": s.ends_at.isoformat() if s.ends_at else "",
        },
        "team": {"people": s.people, "exposed": s.exposed},
        "weeks": [
            {
                "from": week.begins.isoformat(), "active": week.active, "exposed": week.exposed,
                "is_over": week.is_over, "counts": week.counts(s.bar),
            }
            for week in s.weeks
        ],
        "feedback": {
            "counted": s.score.counted, "actionable": s.score.actionable, "people": s.score.people,
            "reports": [{"case": label, "counts": str(counts)} for label, counts in s.score.reports],
        },
    }  # fmt: skip


def _reaches(actionable: int, s: Situation) -> bool:
    return 100 * actionable >= s.bar.actionable_percent * s.score.counted


def _use(s: Situation) -> str:
    return f"{_of(s.active_weeks, s.bar.active_weeks, 'weeks')} with {s.bar.active_percent} % active"


def _feedback(s: Situation) -> str:
    said = _of(s.score.counted, s.bar.reports, "reports")
    if not s.score.counted:
        return said
    percent = 100 * s.score.actionable // s.score.counted  # not rounded up to what it does not reach
    return f"{said}, {percent} % of them actionable, needs {s.bar.actionable_percent} %"


def _of(n: int, needed: int, what: str) -> str:
    return f"{n} of {needed} {what}" if n <= needed else f"{n} {what} ({needed} needed)"


def _n(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
